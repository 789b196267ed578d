import SynCore
import SynTesting
import SynWire
import Testing

/// Late, duplicate and retransmitted replies told apart.
@Suite struct EngineCopies {
  @Test func aSecondCopyIsADuplicate() throws {
    var bench = Bench()
    try bench.submit()
    bench.arrive(Bench.synAck(), at: 10)
    bench.arrive(Bench.synAck(), at: 11)
    bench.advance(to: 12)
    bench.arrive(Bench.synAck(), at: 30)
    bench.advance(to: 31)
    #expect(bench.outcomes == [.open])
    #expect(bench.anomalies == [.duplicates, .duplicates])
  }

  @Test func theRepetitionOfALostAnswerIsNoReordering() throws {
    var bench = Bench()
    try bench.submit()
    try bench.submit(1, at: 200, as: ProbeIdentity(localPort: 61_001, initialSequence: SequenceNumber(7)))
    bench.arrive(
      Bench.synAck {
        $0.acknowledgement = SequenceNumber(8)
        $0.destination = Endpoint(address: $0.destination.address, port: 61_001)
      }, at: 210)
    bench.advance(to: 212)
    bench.arrive(Bench.synAck(clock: 1_029), at: 1_034)
    bench.advance(to: 1_040)
    #expect(bench.outcomes == [.open, .lost(.network)])
    #expect(bench.anomalies == [.retransmissions])
  }

  @Test func aCopyIsReportedWithItsHeadersAndTheTimeOfItsArrival() throws {
    var bench = Bench()
    try bench.submit()
    bench.arrive(Bench.synAck(), at: 10)
    bench.arrive(Bench.synAck { $0.hopLimit = 60 }, at: 11)
    bench.advance(to: 12)
    let copy = ReplyCopy(facts: ReplyFacts(Bench.synAck { $0.hopLimit = 60 }), received: Bench.stamp(11))
    #expect(bench.reports == [AnomalyReport(.duplicates, series: SeriesID(0), sequence: 0, copy: copy)])
  }

  @Test func theTargetsRepetitionAfterASecondIsARetransmission() throws {
    var bench = Bench()
    try bench.submit()
    bench.arrive(Bench.synAck(clock: 5), at: 10)
    bench.advance(to: 12)
    bench.arrive(Bench.synAck(clock: 1_029), at: 1_034)
    bench.advance(to: 1_040)
    #expect(bench.anomalies == [.retransmissions])
  }

  @Test func aCopyOfTheVerySameSegmentIsADuplicateHoweverLate() throws {
    var bench = Bench()
    try bench.submit()
    bench.arrive(Bench.synAck(clock: 5), at: 10)
    bench.advance(to: 12)
    bench.arrive(Bench.synAck(clock: 5), at: 1_010)
    bench.advance(to: 1_040)
    #expect(bench.anomalies == [.duplicates])
  }

  @Test func aDuplicatedSynMakesAnotherSynAckWhichIsADuplicate() throws {
    var bench = Bench()
    try bench.submit()
    bench.arrive(Bench.synAck(clock: 5, sequence: 900), at: 10)
    bench.arrive(Bench.synAck(clock: 6, sequence: 901), at: 11)
    bench.advance(to: 12)
    #expect(bench.anomalies == [.duplicates])
  }

  @Test func anAnswerAfterTheTimeoutIsLateAndTheProbeStaysLost() throws {
    var bench = Bench()
    try bench.submit()
    bench.advance(to: 2_000)
    bench.arrive(Bench.synAck(), at: 2_500, delivered: 2_501)
    bench.advance(to: 2_502)
    #expect(bench.outcomes == [.lost(.network)])
    #expect(
      bench.reports == [
        AnomalyReport(.late, series: SeriesID(0), sequence: 0, roundTrip: .milliseconds(2_501))
      ])
  }

  @Test func aReplyHeldUpInTheIngressBeyondTheTimeoutIsLateToo() throws {
    var bench = Bench()
    try bench.submit()
    bench.engine.captured(.tcp(Bench.synAck()), at: Bench.stamp(10))
    bench.advance(to: 2_000)
    bench.engine.delivered(Bench.synAck(), at: Bench.stamp(3_010))
    bench.advance(to: 3_011)
    #expect(bench.outcomes == [.lost(.ingress)])
    #expect(bench.reports.first?.roundTrip == .milliseconds(3_010))
  }

  @Test func anAnswerAfterTheGracePeriodIsUnmatched() throws {
    var bench = Bench()
    try bench.submit()
    bench.advance(to: 2_000)
    bench.advance(to: 12_001)
    bench.arrive(Bench.synAck(), at: 12_002)
    bench.advance(to: 12_003)
    #expect(bench.anomalies == [.unmatched])
  }

  @Test func theRepetitionOfAReplyThatTheIngressDroppedIsNoAnswer() throws {
    var bench = Bench()
    try bench.submit()
    bench.engine.captured(.tcp(Bench.synAck(clock: 5)), at: Bench.stamp(10))
    bench.arrive(Bench.synAck(clock: 1_030), at: 1_034)
    bench.advance(to: 1_040)
    #expect(bench.outcomes.isEmpty)
    bench.advance(to: 2_000)
    #expect(bench.outcomes == [.lost(.ingress)])
    #expect(bench.anomalies == [.retransmissions])
  }

  @Test func aReplyDelayedInTheIngressBeyondTheTargetsTimerIsTheAnswer() throws {
    var bench = Bench()
    try bench.submit()
    bench.engine.captured(.tcp(Bench.synAck(clock: 5)), at: Bench.stamp(10))
    bench.engine.captured(.tcp(Bench.synAck(clock: 1_030)), at: Bench.stamp(1_034))
    bench.engine.delivered(Bench.synAck(clock: 5), at: Bench.stamp(1_510))
    bench.advance(to: 1_511)
    #expect(bench.outcomes == [.open])
    #expect(bench.results.first?.observation.ingress == .milliseconds(1_500))
    #expect(bench.anomalies == [.retransmissions])
  }

  /// Sends probe 0, loses its first SYN-ACK, and lets `neighbours` be answered after `delay` meanwhile.
  private func repetition(neighbours: Int, delay: Int64, arrival: Int64) throws -> Bench {
    var bench = Bench()
    try bench.submit()
    for number in 1..<(neighbours + 1) {
      let identity = ProbeIdentity(localPort: UInt16(61_000 + number), initialSequence: SequenceNumber(100))
      try bench.submit(number, at: Int64(number) * 10, as: identity)
      let reply = Bench.synAck {
        $0.destination = Endpoint(address: $0.destination.address, port: identity.localPort)
        $0.acknowledgement = SequenceNumber(101)
      }
      bench.arrive(reply, at: Int64(number) * 10 + delay)
      bench.advance(to: Int64(number) * 10 + delay + 2)
    }
    bench.arrive(Bench.synAck(clock: 1_029), at: arrival)
    bench.advance(to: arrival + 2)
    return bench
  }

  @Test(arguments: [1_001, 1_034, 1_100, 3_010, 9_010]) func aLossIsNotShownAsASecondOfLatency(_ arrival: Int64) throws
  {
    let bench = try repetition(neighbours: 1, delay: 5, arrival: arrival)
    #expect(bench.outcomes == [.open, .lost(.network)])
    #expect(bench.anomalies == [.retransmissions])
  }

  @Test func aPathThatReallyTakesASecondKeepsItsLatency() throws {
    let slow = try repetition(neighbours: 1, delay: 1_020, arrival: 1_034)
    #expect(slow.outcomes == [.open, .open])
    let alone = try repetition(neighbours: 0, delay: 0, arrival: 1_034)
    #expect(alone.outcomes == [.open])
  }

  @Test(arguments: [600, 990, 1_200, 1_900]) func aDelayThatIsNotTheTimersKeepsItsLatency(_ arrival: Int64) throws {
    let bench = try repetition(neighbours: 1, delay: 5, arrival: arrival)
    #expect(bench.outcomes == [.open, .open])
  }

  /// Sends probes at these times, and lets each be answered after its delay.
  private func series(_ probes: [(sent: Int64, delay: Int64)]) throws -> Bench {
    var bench = Bench()
    var events: [(at: Int64, number: Int, isAnswer: Bool)] = []
    for (number, probe) in probes.enumerated() {
      events += [(probe.sent, number, false), (probe.sent + probe.delay, number, true)]
    }
    for event in events.sorted(by: { $0.at < $1.at }) {
      let port = UInt16(61_000 + event.number)
      if event.isAnswer {
        bench.arrive(
          Bench.synAck { $0.destination = Endpoint(address: $0.destination.address, port: port) }, at: event.at)
      } else {
        let identity = ProbeIdentity(localPort: port, initialSequence: Bench.identity.initialSequence)
        try bench.submit(event.number, at: event.at, as: identity)
      }
      bench.advance(to: event.at + 2)
    }
    return bench
  }

  @Test func aDelayOfASecondThatBeginsMidRunIsLatencyAndNoLoss() throws {
    let bench = try series([(0, 5), (100, 5), (200, 1_020), (300, 1_020), (400, 1_020), (500, 1_020)])
    #expect(bench.outcomes == Array(repeating: .open, count: 6))
    #expect(bench.anomalies.isEmpty)
  }

  @Test func aSecondSlowAnswerInARowIsBelieved() throws {
    let bench = try series([(0, 5), (2_000, 1_020), (4_000, 1_020), (6_000, 1_020)])
    #expect(bench.outcomes == [.open, .lost(.network), .open, .open])
  }

  @Test func anAnswerThatAStackedDeviceShowsAgainIsNoDuplicate() throws {
    var bench = Bench()
    let request = ProbeRequest(
      series: SeriesID(0), sequence: 0, target: Bench.target, timeout: .seconds(2), device: 7)
    try bench.engine.submit(request, as: Bench.identity, at: Bench.at(0))
    bench.engine.captured(.tcp(Bench.synAck()), at: Bench.stamp(9), on: 3)
    bench.engine.captured(.tcp(Bench.synAck()), at: Bench.stamp(10), on: 7)
    bench.engine.delivered(Bench.synAck(), at: Bench.stamp(11))
    bench.advance(to: 40)
    bench.advance(to: 100)
    #expect(bench.results.first?.observation.received == Bench.stamp(10))
    #expect(bench.outcomes == [.open])
    #expect(bench.anomalies.isEmpty)
  }

  @Test func anAnswerOvertakenByALaterProbesIsReordered() throws {
    let bench = try repetition(neighbours: 2, delay: 5, arrival: 300)
    #expect(bench.outcomes == [.open, .open, .open])
    #expect(bench.anomalies == [.reordered])
  }
}
