import SynCore
import SynTesting
import SynWire
import Testing

@testable import SynTrace

/// A way of routers in simulated time: who answers, after how long, and how often.
struct SimulatedWay {
  struct Router {
    var address: IPAddress
    var delay: Duration = .milliseconds(1)
    var isSilent = false
    /// So many errors it sends in all.
    var most = Int.max
    var labels: [MPLSLabel] = []
    /// By source port, where next hops are chosen by it.
    var other: IPAddress?
  }

  enum End { case open, closed, silent, refused(code: UInt8) }

  var routers: [Router]
  var end = End.open
  /// The target holds a half-open connection until a RST has come: one SYN that meets it is answered by an ACK, no other.
  var isStubborn = false
  /// As many SYNs the target answers before it leaves one without an answer; nil where it answers all.
  var answersBetweenLosses: Int?
  let target = Endpoint(address: IPAddress(v4: 0xcb00_7107), port: 80)
  private var heldUntil = MonotonicInstant(nanoseconds: .min)
  private var hasOwed = false
  private var answers = 0

  init(_ count: Int) {
    routers = (1...count).map { Router(address: IPAddress(v4: 0xc633_6400 + UInt32($0))) }
  }

  /// How a SYN that leaves now ends, and how long after.
  mutating func end(
    of probe: TracePacer.Probe, timeout: Duration, at now: MonotonicInstant
  ) -> (ProbeOutcome, Duration) {
    let place = Int(probe.hopLimit) - 1
    let delay = routers.prefix(place + 1).reduce(Duration.zero) { $0 + $1.delay }
    guard place < routers.count else { return endOfWay(probe, delay + .milliseconds(1), timeout, now) }
    guard !routers[place].isSilent, routers[place].most > 0 else { return (.lost(.network), timeout) }
    routers[place].most -= 1
    let router = routers[place]
    let from = probe.localPort.isMultiple(of: 2) ? router.address : router.other ?? router.address
    var error = error(probe, from: from, type: 11, code: 0)
    error.labels = router.labels
    return (.filtered(error), delay)
  }

  private mutating func endOfWay(
    _ probe: TracePacer.Probe, _ delay: Duration, _ timeout: Duration, _ now: MonotonicInstant
  ) -> (ProbeOutcome, Duration) {
    let arrival = now.advanced(by: delay / 2)
    if isStubborn, arrival < heldUntil {
      defer { hasOwed = true }
      return (hasOwed ? .lost(.network) : .unexpected(.ack), timeout)
    }
    answers += 1
    if let answersBetweenLosses, answers % (answersBetweenLosses + 1) == 0 { return (.lost(.network), timeout) }
    (heldUntil, hasOwed) = (arrival.advanced(by: delay), false)
    switch end {
    case .open: return (.open, delay)
    case .closed: return (.closed, delay)
    case .silent: return (.lost(.network), timeout)
    case .refused(let code): return (.filtered(error(probe, from: target.address, type: 3, code: code)), delay)
    }
  }

  private func error(_ probe: TracePacer.Probe, from: IPAddress, type: UInt8, code: UInt8) -> ICMPError {
    ICMPError(
      sender: from, type: type, code: code,
      quoted: ICMPError.QuotedSegment(
        sourcePort: probe.localPort, destination: target, sequence: SequenceNumber(UInt32(probe.sequence))))
  }
}

@Suite struct Traces {
  private static func stamp(_ now: MonotonicInstant) -> KernelTimestamp {
    KernelTimestamp(nanoseconds: 1_700_000_000_000_000_000 + now.nanoseconds)
  }

  private static func result(
    _ probe: TracePacer.Probe, _ outcome: ProbeOutcome, to target: Endpoint, sent: MonotonicInstant,
    at now: MonotonicInstant
  ) -> ProbeResult {
    var observation = Observation()
    observation.sent = stamp(sent)
    if outcome.kind != .lost, outcome.kind != .unexpected {
      observation.queued = stamp(sent)
      observation.received = stamp(now)
      observation.delivered = stamp(now)
    }
    let request = ProbeRequest(
      series: SeriesID(0), sequence: probe.sequence, target: target, timeout: .seconds(1), hopLimit: probe.hopLimit)
    return ProbeResult(
      id: ProbeID(UInt64(probe.sequence)), request: request, submitted: sent, localPort: probe.localPort,
      outcome: outcome,
      observation: observation, reply: nil)
  }

  /// Runs a trace to its end; the report, how long it took, and how many SYNs left.
  private static func run(
    _ way: SimulatedWay, ports: [UInt16] = [61_000], mostHops: UInt8 = 30, probes: Int = 3
  ) -> (report: TraceFinding, time: Duration, sent: Int) {
    var way = way
    let plan = TracePlan(paths: ports.count, probes: probes, mostHops: mostHops)
    let start = MonotonicInstant(nanoseconds: 0)
    var pacer = TracePacer(plan, ports: ports, timeout: .seconds(1), at: start)
    var collector = TraceCollector(target: way.target, mostHops: mostHops)
    var coming: [(at: MonotonicInstant, result: ProbeResult)] = []
    var now = start
    var sent = 0
    while !pacer.isOver {
      while let probe = pacer.take(at: now) {
        sent += 1
        let (outcome, delay) = way.end(of: probe, timeout: .seconds(1), at: now)
        let end = now.advanced(by: delay)
        coming.append((end, result(probe, outcome, to: way.target, sent: now, at: end)))
      }
      coming.sort { $0.at > $1.at }
      guard let next = [pacer.moment, coming.last?.at].compactMap({ $0 }).min() else { break }
      now = max(now, next)
      while let last = coming.last, last.at <= now {
        coming.removeLast()
        pacer.add(last.result)
        collector.add(last.result)
      }
    }
    return (collector.finding, now.since(start), sent)
  }

  @Test func eachHopIsNamedWithItsTimesAndWhatItAdds() {
    var way = SimulatedWay(5)
    way.routers[2].delay = .milliseconds(20)
    let (report, time, sent) = Self.run(way)
    let hops = report.paths[0].hops
    #expect(report.reached && report.paths[0].reached && hops.count == 6)
    #expect(hops.map(\.limit) == [1, 2, 3, 4, 5, 6] && hops.allSatisfy { $0.attempted == 3 && $0.answered == 3 })
    #expect(hops.dropLast().map { $0.addresses[0].address } == way.routers.map(\.address))
    #expect(hops.map { $0.addresses[0].roundTrip(0.5) } == [1, 2, 22, 23, 24, 25].map { .milliseconds($0) })
    let added: [Duration?] = [nil, .milliseconds(1), .milliseconds(20)] + Array(repeating: .milliseconds(1), count: 3)
    #expect(hops.map { $0.addresses[0].added } == added)
    #expect(hops[5].addresses[0].role == .open && hops[0].addresses[0].role == .router)
    // Only the first round goes beyond the target.
    #expect(sent == 30 + 6 + 6 && time < .milliseconds(150))
  }

  @Test(
    arguments: [(SimulatedWay.End.closed, true), (.silent, false), (.refused(code: 13), false)]
      as [(SimulatedWay.End, Bool)])
  func theEndIsWhatItSays(_ end: SimulatedWay.End, _ isReached: Bool) {
    var way = SimulatedWay(3)
    way.end = end
    let (report, time, _) = Self.run(way, mostHops: 8)
    #expect(report.reached == isReached)
    #expect(time <= .milliseconds(1_300), "about one timeout, whatever is silent")
    let hops = report.paths[0].hops
    switch end {
    case .silent: #expect(hops.count == 8 && hops[3...].allSatisfy { $0.answered == 0 && $0.attempted == 3 })
    case .closed: #expect(hops.count == 4 && hops[3].addresses[0].role == .closed)
    default:
      guard case .refuser(let error)? = hops.last?.addresses.first?.role else { return #expect(Bool(false)) }
      #expect(hops.count == 4 && error.code == 13)
    }
  }

  @Test func aSilentHopIsPassedByAndWhatTheNextAddsIsTakenFromTheOneBefore() {
    var way = SimulatedWay(4)
    way.routers[1].isSilent = true
    let (report, time, _) = Self.run(way)
    let hops = report.paths[0].hops
    #expect(hops[1].answered == 0 && hops[1].attempted == 3 && hops[1].addresses.isEmpty && !hops[1].isRateLimited)
    #expect(hops[2].addresses[0].added == .milliseconds(2))
    #expect(report.reached && time <= .milliseconds(1_300))
  }

  @Test func whoAnswersLessOftenThanThoseBehindIsRateLimited() {
    var way = SimulatedWay(4)
    way.routers[1].most = 1
    let hops = Self.run(way).report.paths[0].hops
    #expect(hops.map(\.isRateLimited) == [false, true, false, false, false])
    #expect(hops[1].answered == 1 && hops[1].attempted == 3)
  }

  @Test func pathsPartWhereNextHopsAreChosenByThePort() {
    var way = SimulatedWay(4)
    way.routers[2].other = IPAddress(v4: 0xc633_64ff)
    let report = Self.run(way, ports: [61_000, 61_001]).report
    #expect(report.paths.map(\.sourcePort) == [61_000, 61_001])
    let addresses = report.paths.map { $0.hops.map { $0.addresses.map(\.address) } }
    #expect(zip(addresses[0], addresses[1]).map { $0 == $1 } == [true, true, false, true, true])
  }

  @Test func oneHopMayHaveSeveralAddresses() {
    let way = SimulatedWay(2)
    var collector = TraceCollector(target: way.target, mostHops: 2)
    let now = MonotonicInstant(nanoseconds: 0)
    for (sequence, last) in [(2, 9), (0, 7), (1, 9)] as [(Int, UInt32)] {
      let probe = TracePacer.Probe(sequence: sequence, localPort: 61_000, hopLimit: 1)
      let error = ICMPError(
        sender: IPAddress(v4: 0xc633_6400 + last), type: 11, code: 0,
        quoted: ICMPError.QuotedSegment(sourcePort: 61_000, destination: way.target, sequence: SequenceNumber(1)))
      collector.add(
        Self.result(probe, .filtered(error), to: way.target, sent: now, at: now.advanced(by: .milliseconds(2))))
    }
    let addresses = collector.finding.paths[0].hops[0].addresses
    #expect(
      addresses.map { "\($0.address)" } == ["198.51.100.7", "198.51.100.9"] && addresses.map(\.answered) == [1, 2])
  }

  @Test func labelsAreThoseOfTheHop() {
    var way = SimulatedWay(3)
    way.routers[1].labels = [MPLSLabel(entry: 0x0001_0140)]
    let hops = Self.run(way).report.paths[0].hops
    #expect(hops.map { $0.addresses[0].labels.map(\.label) } == [[], [16], [], []])
  }

  /// While the target holds a half-open connection it answers a SYN with an ACK of its own: that SYN is not lost.
  @Test(arguments: [1, 20, 60], [3, 10, 100]) func anAnswerThatTheTargetOwesIsNoLoss(_ delay: Int, _ probes: Int) {
    var way = SimulatedWay(2)
    way.isStubborn = true
    way.routers[0].delay = .milliseconds(delay)
    way.routers[1].isSilent = true
    let hop = Self.run(way, probes: probes).report.paths[0].hops[2]
    #expect(hop.answered == hop.attempted && hop.answered >= min(probes, 3))
    // And what is lost is told.
    way.answersBetweenLosses = 1
    let lossy = Self.run(way, probes: probes).report.paths[0].hops[2]
    #expect(lossy.attempted >= 2 && lossy.answered < lossy.attempted)
  }

  /// The next round waits for the target's answer to this one.
  @Test func aTargetIsNotAskedAgainWhileItHoldsAConnection() {
    var way = SimulatedWay(2)
    way.isStubborn = true
    way.routers[0].delay = .milliseconds(20)
    let run = Self.run(way, probes: 10)
    #expect(run.report.paths[0].hops.map(\.attempted) == [10, 10, 10] && run.time < .milliseconds(300))
  }

  @Test func whatIsStillWaitedForWasAttempted() {
    let way = SimulatedWay(2)
    let start = MonotonicInstant(nanoseconds: 0)
    var collector = TraceCollector(target: way.target, mostHops: 3)
    for limit in UInt8(1)...3 {
      let probe = TracePacer.Probe(sequence: Int(limit), localPort: 61_000, hopLimit: limit)
      collector.add(Self.result(probe, .cancelled, to: way.target, sent: start, at: start))
    }
    let hops = collector.finding.paths[0].hops
    #expect(hops.map(\.attempted) == [1, 1, 1] && hops.map(\.waitedFor) == [1, 1, 1])
  }

  @Test func roundsOfSilenceEndWithinAQuarterOfTheTimeout() {
    let start = MonotonicInstant(nanoseconds: 0)
    for probes in [2, 3, 20, 100] {
      let plan = TracePlan(probes: probes, mostHops: 1)
      var pacer = TracePacer(plan, ports: [61_000], timeout: .seconds(1), at: start)
      var now = start
      var sent = 0
      while let moment = pacer.moment {
        now = moment
        while pacer.take(at: now) != nil { sent += 1 }
      }
      #expect(sent == probes && now.since(start) <= .milliseconds(250))
    }
  }

  @Test func nothingIsSentWithoutAPortAndWhatIsUnknownIsPassedOver() {
    let start = MonotonicInstant(nanoseconds: 0)
    var pacer = TracePacer(TracePlan(probes: 1, mostHops: 1), ports: [], timeout: .seconds(1), at: start)
    #expect(pacer.isOver && pacer.moment == nil)
    var other = TracePacer(TracePlan(probes: 0, mostHops: 0), ports: [61_000], timeout: .seconds(1), at: start)
    let probe = other.take(at: start)
    #expect(probe?.hopLimit == 1 && pacer.take(at: start) == nil)
    let target = SimulatedWay(1).target
    other.add(
      Self.result(TracePacer.Probe(sequence: 7, localPort: 1, hopLimit: 1), .open, to: target, sent: start, at: start))
    #expect(!other.isOver)
    #expect(TraceCollector(target: target, mostHops: 3).finding.paths.isEmpty)
  }
}
