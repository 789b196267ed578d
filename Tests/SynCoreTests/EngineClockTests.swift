import SynCore
import SynTesting
import SynWire
import Testing

@Suite struct EngineClock {
  private func reading(_ monotonic: Int64, _ realtime: Int64) -> ClockWatch.Reading {
    ClockWatch.Reading(monotonic: Bench.at(monotonic), realtime: Bench.stamp(realtime))
  }

  @Test(arguments: [3_600_000, -3_600_000, 5, -5] as [Int64])
  func aStepInFlightIsCountedAndLeavesTheOutcomeWithoutTimes(_ step: Int64) throws {
    var bench = Bench()
    bench.engine.clocksRead(reading(0, 0))
    try bench.submit()
    bench.arrive(Bench.synAck(), at: 10 + step)
    bench.engine.clocksRead(reading(12, 12 + step))
    bench.advance(to: 12)
    bench.advance(to: 40)
    #expect(bench.outcomes == [.open])
    #expect(bench.results.first?.observation == Observation())
    #expect(bench.anomalies == [.clockSteps])
  }

  @Test func aLateAnswerAcrossAStepThatCameAfterTheEndHasNoTime() throws {
    var bench = Bench()
    bench.engine.clocksRead(reading(0, 0))
    try bench.submit()
    bench.advance(to: 2_000)
    bench.engine.clocksRead(reading(2_100, 3_602_100))
    bench.arrive(Bench.synAck(), at: 3_602_500)
    bench.engine.clocksRead(reading(2_501, 3_602_501))
    bench.advance(to: 2_501)
    #expect(bench.outcomes == [.lost(.network)])
    #expect(bench.anomalies == [.clockSteps, .late])
    #expect(bench.reports.last?.roundTrip == nil)
  }

  @Test func whatCameWhileTheLoopStoodStillIsNoStepAndNoDeadlineBehindTheDrainIsJudged() throws {
    var bench = Bench()
    bench.engine.clocksRead(reading(0, 0))
    try bench.submit()
    bench.engine.advance(to: Bench.at(2_400), drainedAt: Bench.at(1_999))
    #expect(bench.outcomes.isEmpty, "an answer may have come between the drain and now")
    bench.arrive(Bench.synAck(), at: 1_500)
    bench.engine.clocksRead(reading(2_401, 2_401))
    bench.engine.advance(to: Bench.at(2_401), drainedAt: Bench.at(1_000))
    bench.advance(to: 2_402)
    #expect(bench.outcomes == [.open] && bench.anomalies.isEmpty)
    #expect(bench.results.first?.observation.roundTrip != nil)
  }

  @Test func slewingIsNoStep() throws {
    var watch = ClockWatch()
    for second in 0..<600 as Range<Int64> {
      let isStepped = watch.isStepped(reading(second * 1_000, second * 1_000 + second / 2))
      #expect(!isStepped, "500 ppm at \(second) s")
    }
  }

  @Test func aStepBetweenTwoReadingsThatCancelsItselfShowsInTheStamps() throws {
    var bench = Bench()
    bench.engine.clocksRead(reading(0, 0))
    try bench.submit()
    bench.engine.captured(.tcp(Bench.synAck()), at: Bench.stamp(-500))
    bench.engine.delivered(Bench.synAck(), at: Bench.stamp(11))
    bench.engine.clocksRead(reading(12, 12))
    bench.advance(to: 12)
    bench.advance(to: 40)
    #expect(bench.outcomes == [.open])
    #expect(bench.results.first?.observation == Observation())
    #expect(bench.anomalies == [.clockSteps])
  }

  @Test func aProbeAfterTheStepIsMeasuredAgain() throws {
    var driver = EngineDriver(seed: 1)
    try driver.run(count: 3)
    driver.stepClock(by: .seconds(-3_600))
    try driver.run(count: 3)
    #expect(driver.results.count == 6)
    #expect(driver.results.last?.observation.roundTrip == .microseconds(1_007))
    #expect(driver.reports.count { $0.kind == .clockSteps } == 1)
  }

  @Test func stepsAtAnyMomentNeverMakeAnAbsurdRoundTrip() {
    for seed in 0..<200 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed)
      var link = LinkModel()
      link.networkDelay = .milliseconds(20)
      var driver = EngineDriver(seed: seed, link: link)
      for number in 0..<10 {
        driver.submit(number, .seconds(2))
        driver.run(until: driver.now.advanced(by: generator.duration(upTo: .milliseconds(40))))
        driver.stepClock(by: .milliseconds(Int64.random(in: -5_000...5_000, using: &generator)))
        driver.run(until: driver.now.advanced(by: generator.duration(upTo: .milliseconds(40))))
      }
      driver.run(until: driver.now.advanced(by: .seconds(3)))
      #expect(driver.results.count == 10)
      for roundTrip in driver.results.compactMap(\.observation.roundTrip) {
        #expect(roundTrip == .microseconds(20_007), "seed \(seed)")
      }
    }
  }
}
