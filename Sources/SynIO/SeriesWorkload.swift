internal import SynCore
internal import SynSystem
internal import SynWire

/// Series of probes, each at its own pace: what is due, what came of it, and when to look again.
struct SeriesWorkload: ~Copyable {
  var transport: Transport
  var engine = ProbeEngine(at: SystemClock.now())
  var series: [SeriesID: ActiveSeries] = [:]
  var waitingForPort: Set<SeriesID> = []
  /// What concerns every series: each is told with its next event.
  var shared = SharedReports()
  /// When each series is to be looked at.
  var agenda = Agenda<SeriesID>()
  /// SYNs that leave together, at the end of a turn; those that found no room wait here for it.
  var outbox: [Departure] = []
  var backoff = SendBackoff()
  /// The last refusal for want of room in this host.
  var shortage: SendFailure?
  /// What the counters of dropped packets stood at when they were last read.
  var recentDrops: (reading: DropReading, at: MonotonicInstant)?
  let identities: IdentityAllocator
  let ditherSeed = UInt64.random(in: .min ... .max)

  init(_ transport: consuming Transport) {
    var generator = SystemRandomNumberGenerator()
    identities = IdentityAllocator(key: (generator.next(), generator.next()))
    self.transport = transport
  }

  /// Whether there is nothing to do, and nobody to be told of anything.
  var isIdle: Bool { series.isEmpty }

  /// The next moment at which there is something to do, if nothing comes.
  mutating func nextMoment() -> MonotonicInstant? {
    let due = outbox.isEmpty ? agenda.next() : .some(SystemClock.now())
    return [due.map { max($0, backoff.until ?? $0) }, engine.nextDeadline()].compactMap { $0 }.min()
  }

  /// One turn: takes what came, judges it, and sends what is due.
  ///
  /// Before any deadline is judged, whatever the kernel holds is handed in.
  mutating func turn(_ ready: Transport.Readiness, _ stalls: StallWatch) {
    let now = SystemClock.now()
    refuseWhatWaitedTooLong(at: now)
    let isJudging = engine.nextDeadline().map { $0 <= now } ?? false
    drain(isJudging ? .unknown : ready)
    if stalls.isStalled(drainedAt: SystemClock.now()) { engine.stalled() }
    if let reading = SystemClock.reading() { engine.clocksRead(reading) }
    if isJudging {
      transport.countDrops(into: &engine)
      findSilentNeighbours(at: now)
    }
    engine.advance(to: SystemClock.now(), drainedAt: now)
    performActions()
    visitDue()
    flush()
  }

  /// Hands what the kernel holds to the engine.
  mutating func drain(_ ready: Transport.Readiness) {
    transport.drain(ready, into: &engine)
    while let hold = engine.takeUnexplainedHold() { explain(hold) }
  }

  /// What has been counted so far.
  func snapshot() -> LoopSnapshot {
    var snapshot = LoopSnapshot()
    snapshot.counters = engine.counters
    snapshot.parseErrors = transport.parseErrors
    snapshot.inFlight = engine.inFlight
    snapshot.series = series.count { $0.key.asked == $0.key }
    snapshot.ports = transport.rotation.count
    return snapshot
  }

  /// Finds out what held a SYN between its sending and its queue.
  private mutating func explain(_ hold: ProbeEngine.Hold) {
    let age = transport.routes.finder.age(of: hold.request.neighbour, on: hold.request.device)
    // Its entry changed when the neighbour was found, which let the SYN go.
    let isFresh = age.map { $0 <= SystemClock.realtime() - hold.queued + .milliseconds(50) }
    engine.held(hold.id, by: isFresh == true ? .neighbour : .packetQueue)
  }

  /// Finds out of the probes whose time is up without a trace whether their neighbour is to blame.
  private mutating func findSilentNeighbours(at now: MonotonicInstant) {
    var asked: [RouteQuestion: Bool] = [:]
    for id in engine.traceless(at: now) {
      guard let request = engine.request(of: id), request.source != nil else { continue }
      let question = RouteQuestion(target: request.neighbour, interface: request.device)
      let isSilent = asked[question] ?? transport.routes.finder.isSilent(question.target, on: question.interface)
      asked[question] = isSilent
      if isSilent { engine.neighbourIsSilent(id) }
    }
  }
}
