import SynCore
import SynTesting
import Testing

@Suite struct Agendas {
  @Test func whoIsSoonestIsTakenFirstAndOnceAndNobodyBeforeHisTime() {
    for seed in 0..<20 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed)
      var agenda = Agenda<Int>()
      var expected: [Int: Int64] = [:]
      for _ in 0..<2_000 {
        let key = Int.random(in: 0..<200, using: &generator)
        let moment: Int64? = generator.chance(0.2) ? nil : Int64.random(in: 0..<1_000, using: &generator)
        agenda.set(key, to: moment.map { Bench.at($0) })
        expected[key] = moment
      }
      #expect(agenda.count == expected.count)
      var taken: [Int] = []
      while let key = agenda.take(at: Bench.at(499)) { taken.append(key) }
      #expect(taken.compactMap { expected[$0] } == expected.values.filter { $0 < 500 }.sorted())
      #expect(Set(taken).count == taken.count)
      #expect(agenda.next() == expected.values.filter { $0 >= 500 }.min().map { Bench.at($0) })
    }
  }

  @Test func nobodyIsNobody() {
    var agenda = Agenda<Int>()
    #expect(agenda.next() == nil)
    #expect(agenda.take(at: Bench.at(5)) == nil)
  }
}

@Suite struct Schedules {
  private func moments(seed: UInt64?, interval: Duration) -> [Int64] {
    var schedule = ProbeSchedule(count: 2_001, interval: interval, start: Bench.at(0), seed: seed)
    var moments: [Int64] = []
    while let due = schedule.due {
      moments.append(due.nanoseconds)
      _ = schedule.take(at: due)
    }
    return moments
  }

  @Test func aDitheredScheduleKeepsItsMeanAndItsBoundsAndIsRepeatedByItsSeed() {
    for seed in 1...20 as ClosedRange<UInt64> {
      let moments = moments(seed: seed, interval: .milliseconds(20))
      #expect(moments.count == 2_001 && moments[0] == 0)
      for (index, moment) in moments.enumerated() {
        #expect(abs(moment - Int64(index) * 20_000_000) <= 5_000_000)
      }
      #expect(abs(moments[2_000] - 40_000_000_000) <= 5_000_000)
      let phases = moments.map { $0 % 1_000_000 / 100_000 }
      #expect(Set(phases).count == 10, "a millisecond clock is met in all its phases")
      #expect(self.moments(seed: seed, interval: .milliseconds(20)) == moments)
    }
    #expect(moments(seed: 1, interval: .milliseconds(20)) != moments(seed: 2, interval: .milliseconds(20)))
  }

  @Test func anIntervalThatHasNoQuarterIsKeptAsItIs() {
    #expect(moments(seed: 1, interval: .nanoseconds(3)) == moments(seed: nil, interval: .nanoseconds(3)))
  }

  @Test func aScheduleWithoutASeedIsEven() {
    #expect(moments(seed: nil, interval: .milliseconds(20)).last == 40_000_000_000)
  }
}
