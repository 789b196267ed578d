import SynTesting
import Testing

@testable import SynVerdict

@Suite struct RunsTests {
  /// Every order of so many hits among so many events, counted.
  @Test(arguments: [(9, 3), (10, 5), (12, 1), (8, 7)])
  func theChanceOfFewRunsIsTheShareOfTheOrdersThatHaveAsFew(_ count: Int, _ hits: Int) {
    let orders = (0..<1 << count).filter { $0.nonzeroBitCount == hits }.map { bits in
      (0..<count).map { bits >> $0 & 1 == 1 }
    }
    let runs = orders.map { order in order.split(separator: false).count }
    for (order, own) in zip(orders, runs) {
      let share = Double(runs.count { $0 <= own }) / Double(orders.count)
      #expect(abs(RunsTest.chance(order) - share) < 1e-9)
    }
  }

  @Test(arguments: [[], [true], [false, false, false], [true, true]])
  func whatIsAllAlikeTellsNothing(_ events: [Bool]) {
    #expect(RunsTest.chance(events) == 1)
  }

  /// A correlation of 3.3 standard deviations calls 42 in ten thousand of the first row a burst.
  @Test(arguments: [(400, 0.05), (400, 0.2), (220, 0.3)])
  func chanceIsCalledABurstAsSeldomAsItSays(_ count: Int, _ share: Double) {
    var generator = SeededGenerator(seed: 5)
    let called = (0..<20_000).count { _ in
      RunsTest.chance((0..<count).map { _ in Double.random(in: 0..<1, using: &generator) < share }) < 0.0005
    }
    #expect(called <= 20)
  }
}
