public import SynCore

/// How many SYNs may leave when: so many a second, and never many at once.
///
/// After a pause they follow each other a quarter faster than the rate until what was missed is made up for; what was
/// missed in a long pause is given up.
public struct SweepPacer: Hashable, Sendable {
  /// Nanoseconds between two in the mean.
  private let interval: Double
  /// The plan, in nanoseconds since `start`: when the next is due.
  private var turn = 0.0
  /// Not before this, however late it is by the plan.
  private var floor = 0.0
  private let start: MonotonicInstant
  /// So many leave together at most.
  private let mostAtOnce: Int

  /// A thread does not wake up more often than so, nanoseconds.
  private static let shortestWait = 100_000.0
  private static let longestPause = 250_000_000.0
  private static let catchingUp = 0.8

  /// Paces so many a second, above 0, the first at `start`.
  public init(rate: Double, start: MonotonicInstant) {
    interval = 1e9 / rate
    self.start = start
    mostAtOnce = max(Int((SweepPacer.shortestWait * 2 / interval).rounded(.up)), 1)
  }

  /// When the next is due.
  public var due: MonotonicInstant { start.advanced(by: .nanoseconds(Int64(max(turn, floor).rounded(.up)))) }

  /// How many may leave at `now`: as many are taken for sent.
  public mutating func take(at now: MonotonicInstant, atMost most: Int) -> Int {
    let time = Double(now.since(start).nanoseconds)
    turn = max(turn, time - SweepPacer.longestPause)
    var count = 0
    while count < min(most, mostAtOnce), max(turn, floor) <= time {
      count += 1
      turn += interval
      floor = max(floor, time - SweepPacer.shortestWait) + interval * SweepPacer.catchingUp
    }
    return count
  }
}
