import SynCore
import SynTesting
import SynWire
import Testing

/// What this host itself does late, or has no room for, is not called the network's.
@Suite struct OwnLimits {
  @Test func anAnswerAfterTheTimeoutIsLateThoughTheLoopSleptThroughTheDeadline() throws {
    var bench = Bench()
    try bench.submit()
    bench.arrive(Bench.synAck(), at: 2_400)
    bench.advance(to: 7_000)
    #expect(bench.outcomes == [.lost(.network)])
    #expect(bench.anomalies == [.late])
    #expect(bench.reports.first?.roundTrip == .milliseconds(2_401))
    let observation = try #require(bench.results.first?.observation)
    #expect(observation.received == nil && observation.delivered == nil)
  }

  @Test func anAnswerThatOwnIngressHeldBeyondTheTimeoutIsLostThere() throws {
    var bench = Bench()
    try bench.submit()
    bench.arrive(Bench.synAck(), at: 1_900, delivered: 2_100)
    bench.advance(to: 7_000)
    #expect(bench.outcomes == [.lost(.ingress)])
    #expect(bench.anomalies == [.late])
  }

  @Test func anAnswerInTimeIsOpenHoweverLateTheLoopLooks() throws {
    var bench = Bench()
    try bench.submit()
    bench.arrive(Bench.synAck(), at: 1_998)
    bench.advance(to: 60_000)
    #expect(bench.outcomes == [.open])
  }

  @Test func aLateAnswerOfTheKernelsOwnHandshakeIsLateToo() {
    var bench = Bench()
    let request = ProbeRequest(series: SeriesID(0), sequence: 0, target: Bench.target, timeout: .seconds(2))
    let id = bench.engine.submit(request, at: Bench.at(0))
    bench.engine.attempted(
      id, ConnectionAttempt(.established(after: .milliseconds(2_500)), retransmissions: 0, localPort: 1))
    bench.advance(to: 7_000)
    #expect(bench.outcomes == [.lost(.unknown)])
    #expect(bench.anomalies == [.late])
  }

  @Test func aLossWhileOwnBuffersOverflowedIsAtAPlaceUnknown() throws {
    var bench = Bench()
    try bench.submit()
    bench.engine.captured(.tcp(Bench.synAck()), at: Bench.stamp(10))
    bench.engine.captureDropped(7)
    bench.advance(to: 2_000)
    #expect(bench.outcomes == [.lost(.unknown)])
    #expect(bench.reports.contains(AnomalyReport(.captureDrops, count: 7)))
  }

  @Test func aStampThatAFullBufferMayHaveLostMakesNoLossInTheEgress() throws {
    var bench = Bench()
    try bench.submit(stamps: false)
    bench.engine.stamped(ProbeID(0), .queued, at: Bench.stamp(0))
    bench.engine.captureInterrupted()
    bench.advance(to: 2_000)
    #expect(bench.outcomes == [.lost(.unknown)])
  }

  @Test(
    arguments: [
      (turn: 99, oversleep: 99, stalls: 0), (turn: 101, oversleep: 0, stalls: 1), (turn: 0, oversleep: 101, stalls: 1),
      (turn: 5_000, oversleep: 5_000, stalls: 2),
    ] as [(turn: Int64, oversleep: Int64, stalls: Int)])
  func aTurnOrASleepThatIsTooLongIsAStall(_ row: (turn: Int64, oversleep: Int64, stalls: Int)) {
    var watch = StallWatch(at: Bench.at(0))
    var stalls = watch.isStalled(drainedAt: Bench.at(row.turn)) ? 1 : 0
    let planned = Bench.at(row.turn + 50)
    stalls += watch.woke(at: planned.advanced(by: .milliseconds(row.oversleep)), planned: planned) ? 1 : 0
    #expect(stalls == row.stalls)
  }

  @Test func aWaitWithoutAnEndIsNoStall() {
    var watch = StallWatch(at: Bench.at(0))
    let hasOverslept = watch.woke(at: Bench.at(3_600_000), planned: nil)
    #expect(!hasOverslept)
    #expect(!watch.isStalled(drainedAt: Bench.at(3_600_001)))
  }

  @Test func aFullQueueHoldsProbesBackTwiceAsLongEachTimeAndHalfAsLongAfterEachThatLeaves() {
    var backoff = SendBackoff()
    #expect(backoff.isOver(at: Bench.at(0)))
    let waits = (0..<9).map { _ -> Int64? in
      backoff.failed(at: Bench.at(0))
      return backoff.until.map { $0.nanoseconds / 1_000_000 }
    }
    #expect(waits == [1, 2, 4, 8, 16, 32, 64, 100, 100])
    #expect(!backoff.isOver(at: Bench.at(99)) && backoff.isOver(at: Bench.at(100)))
    let paces = (0..<8).map { _ -> Int64? in
      backoff.succeeded(at: Bench.at(0))
      return backoff.until.map { $0.nanoseconds / 1_000 }
    }
    #expect(paces == [50_000, 25_000, 12_500, 6_250, 3_125, 1_562, nil, nil])
    #expect(backoff.isOver(at: Bench.at(0)))
  }

  @Test(arguments: [(11, true), (12, true), (105, true), (1, false), (24, false), (101, false)] as [(Int32, Bool)])
  func onlyFullQueuesAndBuffersAreShortages(_ errno: Int32, _ isShortage: Bool) {
    #expect(SendFailure(errno: errno).isShortage == isShortage)
  }
}
