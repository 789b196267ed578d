public import SynCore
public import SynWire

/// Runs an engine against a simulated network in simulated time: no clock, no wait, the same for the same seed.
public struct EngineDriver: ~Copyable {
  /// The engine.
  public var engine: ProbeEngine
  /// Simulated time.
  public private(set) var now = MonotonicInstant(nanoseconds: 0)
  /// Probes that ended, in that order.
  public private(set) var results: [ProbeResult] = []
  /// Whether results and reports are kept: those of a million probes take some space.
  public var keepsResults = true
  /// Anomalies, in that order.
  public private(set) var reports: [AnomalyReport] = []
  /// What the path does; may be changed while it runs.
  public var link: LinkModel
  /// The target of every probe.
  public let target = Endpoint(address: IPAddress(v4: 0xc000_0202), port: 8080)

  private var generator: SeededGenerator
  private var arrivals = EventQueue()
  private var clockOffset: Duration
  private let source = IPAddress(v4: 0xc000_0201)
  private let identities: IdentityAllocator
  private static let series = SeriesID(0)

  /// A run that `seed` repeats.
  public init(seed: UInt64, link: LinkModel = LinkModel(), firstID: UInt64 = 0) {
    generator = SeededGenerator(seed: seed)
    identities = IdentityAllocator(key: (generator.next(), generator.next()))
    engine = ProbeEngine(at: now, firstID: firstID)
    clockOffset = .seconds(1_700_000_000)
    self.link = link
  }

  /// The engine did not come to an end.
  public struct DidNotEnd: Error {}

  /// Sends `count` probes and runs until the last has ended.
  /// - Throws: `DidNotEnd` when it has not within a bound of steps.
  public mutating func run(
    count: Int, interval: Duration = .milliseconds(200), timeout: Duration = .seconds(2), linger: Duration = .zero
  ) throws(DidNotEnd) {
    var schedule = ProbeSchedule(count: count, interval: interval, start: now)
    var steps = 0
    while schedule.due != nil || engine.inFlight > 0 {
      steps += 1
      if steps > 1_000 * (count + 10) { throw DidNotEnd() }
      while let sequence = schedule.take(at: now) { submit(sequence, timeout) }
      settle()
      guard let next = MonotonicInstant.soonest(schedule.due, nextMoment()) else { break }
      now = max(now, next)
      deliverArrivals()
    }
    now = now.advanced(by: linger)
    deliverArrivals()
    settle()
  }

  /// Steps the realtime clock, as an administrator or NTP would.
  public mutating func stepClock(by offset: Duration) {
    clockOffset += offset
  }

  /// Runs what is due up to `moment`, without new probes.
  public mutating func run(until moment: MonotonicInstant) {
    while let next = nextMoment(), next <= moment {
      now = max(now, next)
      deliverArrivals()
      settle()
    }
    now = max(now, moment)
    settle()
  }

  /// Submits one probe.
  public mutating func submit(_ sequence: Int, _ timeout: Duration) {
    let port = UInt16(61_000 + sequence % 4096)
    let request = ProbeRequest(series: Self.series, sequence: sequence, target: target, timeout: timeout)
    let identity = identities.identity(of: engine.upcomingID, to: target, from: port)
    _ = try? engine.submit(request, as: identity, at: now)
    settle()
  }

  private mutating func nextMoment() -> MonotonicInstant? { .soonest(engine.nextDeadline(), arrivals.first) }

  private mutating func deliverArrivals() {
    while let event = arrivals.take(at: now) {
      switch event {
      case .stamp(let id, let stamp, let time): engine.stamped(id, stamp, at: time)
      case .captured(let frame, let time): engine.captured(frame, at: time)
      case .delivered(let segment, let time): engine.delivered(segment, at: time)
      case .icmp(let error, let time): engine.delivered(error, at: time)
      }
    }
  }

  private mutating func settle() {
    engine.clocksRead(ClockWatch.Reading(monotonic: now, realtime: stamp(now)))
    engine.advance(to: now)
    while let action = engine.nextAction() {
      switch action {
      case .transmit(let specification): transmit(specification)
      case .connect, .sendAgain, .packet: break  // This network carries segments; see ProbeEngine.attempted.
      case .complete(let result): if keepsResults { results.append(result) }
      case .report(let report): if keepsResults { reports.append(report) }
      }
    }
  }

  private func stamp(_ moment: MonotonicInstant) -> KernelTimestamp {
    KernelTimestamp(nanoseconds: moment.nanoseconds + clockOffset.nanoseconds)
  }

  private mutating func transmit(_ specification: SynSpecification) {
    if generator.chance(link.refusal) { return engine.sendFailed(specification.id, SendFailure(errno: 1)) }
    if !generator.chance(link.missingStamp) { arrive(.stamp(specification.id, .queued, stamp(now)), at: now) }
    if generator.chance(link.egressLoss) { return }
    let sent = now.advanced(by: link.egressDelay)
    if !generator.chance(link.missingStamp) { arrive(.stamp(specification.id, .sent, stamp(sent)), at: sent) }
    if generator.chance(link.forgery) { forge(specification, at: sent) }
    if generator.chance(link.forwardLoss) { return }
    answer(specification, sentAt: sent)
  }

  private mutating func answer(_ specification: SynSpecification, sentAt sent: MonotonicInstant) {
    let path = link.networkDelay + generator.duration(upTo: link.jitter)
    let received = sent.advanced(by: path)
    if generator.chance(link.unreachable) { return reject(specification, at: received) }
    let isReset = generator.chance(link.reset)
    var clock = UInt32(truncatingIfNeeded: now.nanoseconds / 1_000_000)
    var isAnswered = arrive(reply(specification, isReset: isReset, clock: clock), at: received)
    guard link.repeatsSynAck, !isReset else { return }
    for seconds in [1, 3, 7] where !isAnswered {
      clock &+= 1_000
      let again = received.advanced(by: .seconds(seconds))
      isAnswered = arrive(reply(specification, isReset: false, clock: clock), at: again)
    }
  }

  /// Sends a reply back; whether it was delivered, so that the kernel's RST stops the target's repetitions.
  private mutating func arrive(_ segment: TCPSegment, at received: MonotonicInstant) -> Bool {
    if generator.chance(link.returnLoss) { return false }
    let copies = generator.chance(link.duplication) ? 2 : 1
    var isDelivered = false
    for copy in 0..<copies {
      let moment = received.advanced(by: .microseconds(copy * 30))
      arrive(.captured(.tcp(segment), stamp(moment)), at: moment)
      if generator.chance(link.ingressLoss) { continue }
      isDelivered = true
      let delivered = moment.advanced(by: link.ingressDelay)
      arrive(.delivered(segment, stamp(delivered)), at: delivered)
    }
    return isDelivered
  }

  private mutating func reject(_ specification: SynSpecification, at received: MonotonicInstant) {
    let quoted = ICMPError.QuotedSegment(
      sourcePort: specification.identity.localPort, destination: target,
      sequence: specification.identity.initialSequence)
    let error = ICMPError(sender: IPAddress(v4: 0xc633_6401), type: 3, code: 13, quoted: quoted)
    arrive(.captured(.icmp(error), stamp(received)), at: received)
    let delivered = received.advanced(by: link.ingressDelay)
    arrive(.icmp(error, stamp(delivered)), at: delivered)
  }

  private mutating func forge(_ specification: SynSpecification, at moment: MonotonicInstant) {
    var segment = reply(specification, isReset: false, clock: 0)
    segment.acknowledgement = SequenceNumber(UInt32(truncatingIfNeeded: generator.next()))
    arrive(.captured(.tcp(segment), stamp(moment)), at: moment)
    arrive(.delivered(segment, stamp(moment)), at: moment)
  }

  private func reply(_ specification: SynSpecification, isReset: Bool, clock: UInt32) -> TCPSegment {
    var options = TCPOptions()
    if !isReset { options.timestamps = TCPOptions.Timestamps(value: clock, echo: 0) }
    return TCPSegment(
      source: target, destination: Endpoint(address: source, port: specification.identity.localPort),
      sequence: SequenceNumber(isReset ? 0 : 77),
      acknowledgement: specification.identity.initialSequence.advanced(by: 1),
      flags: isReset ? [.rst, .ack] : [.syn, .ack], window: 65_160, options: options)
  }

  private mutating func arrive(_ event: EventQueue.Event, at moment: MonotonicInstant) {
    arrivals.add(event, at: moment)
  }
}
