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
  var host = IPAddress(v4: 0xc000_0201)
  var target = Endpoint(address: IPAddress(v4: 0xcb00_7107), port: 80)

  static func routers(_ count: Int) -> [Router] {
    (1...count).map { Router(address: IPAddress(v4: 0xc633_6400 + UInt32($0))) }
  }

  /// What comes back of a SYN, and how long after it.
  mutating func answer(_ probe: TraceProbe) -> (Frame, [MPLSLabel], Duration)? {
    let place = Int(probe.hopLimit) - 1
    let delay = routers.prefix(place + 1).reduce(Duration.zero) { $0 + $1.delay }
    guard place < routers.count else { return answerOfEnd(probe, delay + .milliseconds(1)) }
    guard !routers[place].isSilent, routers[place].most > 0 else { return nil }
    routers[place].most -= 1
    let from =
      probe.localPort.isMultiple(of: 2) ? routers[place].address : routers[place].other ?? routers[place].address
    return (error(probe, from: from, type: 11, code: 0), routers[place].labels, delay)
  }

  private func answerOfEnd(_ probe: TraceProbe, _ delay: Duration) -> (Frame, [MPLSLabel], Duration)? {
    let own = Endpoint(address: host, port: probe.localPort)
    func segment(_ flags: TCPFlags) -> Frame {
      .tcp(
        TCPSegment(
          source: target, destination: own, sequence: SequenceNumber(7),
          acknowledgement: probe.sequence.advanced(by: 1),
          flags: flags, window: 0, options: TCPOptions(), hopLimit: 60))
    }
    switch end {
    case .open: return (segment([.syn, .ack]), [], delay)
    case .closed: return (segment([.rst, .ack]), [], delay)
    case .silent: return nil
    case .refused(let code): return (error(probe, from: target.address, type: 3, code: code), [], delay)
    }
  }

  private func error(_ probe: TraceProbe, from: IPAddress, type: UInt8, code: UInt8) -> Frame {
    .icmp(
      ICMPError(
        sender: from, type: type, code: code,
        quoted: ICMPError.QuotedSegment(sourcePort: probe.localPort, destination: target, sequence: probe.sequence)))
  }
}

@Suite struct TraceEngines {
  private static func stamp(_ now: MonotonicInstant) -> KernelTimestamp {
    KernelTimestamp(nanoseconds: 1_700_000_000_000_000_000 + now.nanoseconds)
  }

  /// Runs a trace to its end; the report, how long it took, and how many SYNs left.
  private static func run(
    _ way: SimulatedWay, ports: [UInt16] = [61_000], probes: Int = 3, mostHops: UInt8 = 30
  ) -> (report: TraceReport, time: Duration, sent: Int) {
    var way = way
    var plan = TracePlan(target: way.target, ports: ports, probes: probes, mostHops: mostHops)
    plan.timeout = .seconds(1)
    let start = MonotonicInstant(nanoseconds: 0)
    var engine = TraceEngine(plan, key: (1, 2), at: start)
    var coming: [(at: MonotonicInstant, frame: Frame, labels: [MPLSLabel])] = []
    var now = start
    var sent = 0
    while !engine.isOver(at: now) {
      while let probe = engine.take(at: now) {
        sent += 1
        engine.sent(probe.number, at: stamp(now))
        if let (frame, labels, delay) = way.answer(probe) { coming.append((now.advanced(by: delay), frame, labels)) }
      }
      coming.sort { $0.at > $1.at }
      let arrival = coming.last?.at
      guard let next = [engine.moment, arrival].compactMap({ $0 }).min() else { break }
      now = max(now, next)
      while let last = coming.last, last.at <= now {
        coming.removeLast()
        engine.captured(last.frame, last.labels, at: stamp(last.at))
      }
    }
    return (engine.report, now.since(start), sent)
  }

  @Test func eachHopIsNamedWithItsTimesAndWhatItAdds() {
    var way = SimulatedWay(routers: SimulatedWay.routers(5))
    way.routers[2].delay = .milliseconds(20)
    let (report, time, sent) = Self.run(way)
    let hops = report.paths[0].hops
    #expect(report.reached && hops.count == 6)
    #expect(hops.map(\.limit) == [1, 2, 3, 4, 5, 6] && hops.allSatisfy { $0.attempted == 3 && $0.answered == 3 })
    #expect(hops.dropLast().map { $0.addresses[0].address } == way.routers.map(\.address))
    #expect(hops.map { $0.addresses[0].roundTrip(0.5) } == [1, 2, 22, 23, 24, 25].map { .milliseconds($0) })
    #expect(
      hops.map { $0.addresses[0].added } == [nil, .milliseconds(1), .milliseconds(20)]
        + Array(repeating: .milliseconds(1), count: 3))
    #expect(hops[5].addresses[0].role == .open && hops[0].addresses[0].role == .router)
    // Only the first round goes beyond the target.
    #expect(sent == 30 + 6 + 6 && time < .milliseconds(150))
  }

  @Test(
    arguments: [(SimulatedWay.End.closed, true), (.silent, false), (.refused(code: 13), false)]
      as [(SimulatedWay.End, Bool)])
  func theEndIsWhatItSays(_ end: SimulatedWay.End, _ isReached: Bool) {
    var way = SimulatedWay(routers: SimulatedWay.routers(3))
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
    var way = SimulatedWay(routers: SimulatedWay.routers(4))
    way.routers[1].isSilent = true
    let (report, time, _) = Self.run(way)
    let hops = report.paths[0].hops
    #expect(hops[1].answered == 0 && hops[1].attempted == 3 && hops[1].addresses.isEmpty && !hops[1].isRateLimited)
    #expect(hops[2].addresses[0].added == .milliseconds(2))
    #expect(report.reached && time <= .milliseconds(1_300))
  }

  @Test func whoAnswersLessOftenThanThoseBehindIsRateLimited() {
    var way = SimulatedWay(routers: SimulatedWay.routers(4))
    way.routers[1].most = 1
    let hops = Self.run(way).report.paths[0].hops
    #expect(hops.map(\.isRateLimited) == [false, true, false, false, false])
    #expect(hops[1].answered == 1 && hops[1].attempted == 3)
  }

  @Test func pathsPartWhereNextHopsAreChosenByThePort() {
    var way = SimulatedWay(routers: SimulatedWay.routers(4))
    way.routers[2].other = IPAddress(v4: 0xc633_64ff)
    let report = Self.run(way, ports: [61_000, 61_001]).report
    #expect(report.paths.map(\.sourcePort) == [61_000, 61_001])
    let addresses = report.paths.map { $0.hops.map { $0.addresses.map(\.address) } }
    #expect(zip(addresses[0], addresses[1]).map { $0 == $1 } == [true, true, false, true, true])
  }

  @Test func labelsAreThoseOfTheHop() {
    var way = SimulatedWay(routers: SimulatedWay.routers(3))
    way.routers[1].labels = [MPLSLabel(entry: 0x0001_0140)]
    let hops = Self.run(way).report.paths[0].hops
    #expect(hops.map { $0.addresses[0].labels.map(\.label) } == [[], [16], [], []])
  }

  /// While the target holds a half-open connection it answers a SYN with an ACK of its own: that SYN is not lost.
  @Test func anAnswerThatTheTargetOwesIsNoLoss() {
    let way = SimulatedWay(routers: SimulatedWay.routers(1))
    let plan = TracePlan(target: way.target, ports: [61_000], probes: 2, mostHops: 2)
    let start = MonotonicInstant(nanoseconds: 0)
    var engine = TraceEngine(plan, key: (1, 2), at: start)
    var probes: [TraceProbe] = []
    var now = start
    while !engine.isOver(at: now), let moment = engine.moment {
      now = moment
      while let probe = engine.take(at: now) {
        probes.append(probe)
        engine.sent(probe.number, at: Self.stamp(now))
      }
    }
    #expect(probes.count == 4)
    func segment(_ flags: TCPFlags, _ probe: TraceProbe, plus: UInt32) -> Frame {
      .tcp(
        TCPSegment(
          source: way.target, destination: Endpoint(address: way.host, port: 61_000), sequence: SequenceNumber(7),
          acknowledgement: probe.sequence.advanced(by: plus), flags: flags, window: 0, options: TCPOptions(),
          hopLimit: 60))
    }
    engine.captured(segment([.syn, .ack], probes[1], plus: 1), at: Self.stamp(now))
    engine.captured(segment([.ack], probes[1], plus: 1), at: Self.stamp(now))
    engine.captured(segment([.syn, .ack], probes[1], plus: 1), at: Self.stamp(now))
    let hop = engine.report.paths[0].hops[1]
    #expect(hop.answered == 1 && hop.attempted == 1)
  }

  /// Nothing but what quotes or acknowledges a SYN of this trace counts, and what this host refused is no probe.
  @Test func whatIsForgedCountsForNothing() {
    let way = SimulatedWay(routers: SimulatedWay.routers(1))
    let plan = TracePlan(target: way.target, ports: [61_000], probes: 1, mostHops: 2)
    var engine = TraceEngine(plan, key: (1, 2), at: MonotonicInstant(nanoseconds: 0))
    let first = engine.take(at: MonotonicInstant(nanoseconds: 0))
    let second = engine.take(at: MonotonicInstant(nanoseconds: 1_000_000))
    guard let first, let second else { return #expect(Bool(false)) }
    engine.refused(first.number)
    engine.refused(99)
    engine.sent(-1, at: Self.stamp(MonotonicInstant(nanoseconds: 0)))
    for (port, sequence) in [(61_001, second.sequence), (61_000, second.sequence.advanced(by: 1))]
      as [(UInt16, SequenceNumber)]
    {
      engine.captured(
        .icmp(
          ICMPError(
            sender: way.target.address, type: 11, code: 0,
            quoted: ICMPError.QuotedSegment(sourcePort: port, destination: way.target, sequence: sequence))),
        at: Self.stamp(MonotonicInstant(nanoseconds: 5)))
    }
    let hops = engine.report.paths[0].hops
    #expect(hops.map(\.attempted) == [0, 1] && hops.allSatisfy { $0.answered == 0 })
  }
}
