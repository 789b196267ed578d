import SynTesting
import Testing

@testable import SynVerdict

/// Answers in the order of their probes, whatever ends before whatever.
@Suite struct AnswerOrders {
  private static let millisecond: Int64 = 1_000_000

  private static func entry(_ sequence: Int, every interval: Int64 = 200, roundTrip: Int64 = 1) -> TimeWatch.Entry {
    TimeWatch.Entry(at: Int64(sequence) * interval * millisecond, roundTrip: roundTrip * millisecond, parts: [])
  }

  @Test func aSlowAnswerIsWaitedFor() {
    var order = AnswerOrder()
    let late = order.add(1, Self.entry(1, every: 1))
    let both = order.add(0, Self.entry(0, every: 1, roundTrip: 5))
    #expect(late.isEmpty && both.map(\.at) == [0, Self.millisecond])
  }

  /// One is lost, the next is refused at once, and the ones behind are answered: a link that is set down and up.
  @Test func whatEndedAtOnceBehindALostOneIsPassedByWithIt() {
    var order = AnswerOrder()
    #expect(order.add(1, nil).isEmpty)
    let given = order.add(2, Self.entry(2)) + order.add(3, Self.entry(3)) + order.add(4, Self.entry(4))
    #expect(given.map(\.at) == [2, 3, 4].map { $0 * 200 * Self.millisecond } && order.count == 0)
    let lost = order.add(0, nil)
    let next = order.add(5, Self.entry(5))
    #expect(lost.isEmpty && next.count == 1 && order.count == 0)
  }

  @Test(arguments: 1...20) func whateverEndsBeforeWhateverNoneIsKeptAndNoneToldTwice(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let count = 2_000
    // When each ends: lost ones at their timeout, refused ones at once.
    let ends = (0..<count).map { sequence -> (at: Int64, sequence: Int, entry: TimeWatch.Entry?) in
      let left = Int64(sequence) * 20
      if generator.chance(0.1) { return (left + 2_000, sequence, nil) }
      if generator.chance(0.1) { return (left, sequence, nil) }
      let roundTrip = generator.chance(0.05) ? Int64(300) : 1
      return (left + roundTrip, sequence, Self.entry(sequence, every: 20, roundTrip: roundTrip))
    }
    var order = AnswerOrder()
    var told: [Int64] = []
    for end in ends.sorted(by: { ($0.at, $0.sequence) < ($1.at, $1.sequence) }) {
      told += order.add(end.sequence, end.entry).map(\.at)
      #expect(order.count <= 2_000 / 20)
    }
    #expect(order.count == 0 && told.sorted() == ends.compactMap { $0.entry?.at })
  }
}
