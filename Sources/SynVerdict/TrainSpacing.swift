public import SynCore

/// How far apart the cars of a train pass a point, once it is behind what a shaper lets through at once.
public struct TrainSpacing: Hashable, Sendable {
  /// Nanoseconds between two cars in the mean.
  public let gap: Double
  /// The shortest distance that a few cars in a row keep, where others are further apart.
  ///
  /// Other packets came between those, or this host paused; equal to `gap` in a train that nothing came between.
  public let least: Double
  /// Whether the first cars came faster: a token bucket was full.
  public let hasBurst: Bool
  /// How many cars passed.
  public let cars: Int
  /// Nanoseconds from the first to the last.
  public let span: Double

  /// The mean distance of the same cars at the point before; nil where it is not known.
  public let gapAhead: Double?
  /// Whether hardly a car was held.
  public let isFree: Bool

  /// Fewer distances than this tell nothing.
  private static let fewest = 3
  /// What is held for less was not, nanoseconds.
  private static let leastHold = 20_000.0
  /// What a stamp and a timer may be late by, nanoseconds.
  private static let jitter = 100_000.0
  /// What a timer rounds to, nanoseconds.
  private static let timerSlack = 2_000.0
  /// Less than this is no second level.
  private static let leastRise = 1.15
  /// What comes this much faster than the rest came at once.
  private static let burstFactor = 3.0

  /// Of the stamps of the cars, in their order; nil where too few neighbours have one.
  /// - Parameters:
  ///   - stamps: At the point.
  ///   - ahead: At the point before: only cars that were held between the two tell of what is there. Nil where that is not to be
  ///     asked.
  public init?(_ stamps: [KernelTimestamp?], behind ahead: [KernelTimestamp?]? = nil) {
    let all = Self.pairs(stamps)
    guard all.count >= Self.fewest else { return nil }
    let waiting = ahead.map { Self.waiting(all, stamps, behind: $0) } ?? all
    isFree = waiting.count < Self.fewest
    let pairs = isFree ? all : waiting
    let gaps = pairs.map(\.gap)
    let burst = Self.burst(of: gaps)
    let steady = Array(gaps[burst...])
    let mean = max(Self.mean(steady), 1)
    gap = mean
    let steadyCars = Set(pairs[burst...].map(\.car))
    gapAhead = ahead.flatMap { stamps in
      let gaps = Self.pairs(stamps).filter { steadyCars.contains($0.car) }.map(\.gap)
      return gaps.isEmpty ? nil : Self.mean(gaps)
    }
    hasBurst = burst > 0 && mean > Self.burstFactor * Self.mean(gaps[..<burst])
    let known = stamps.compactMap { $0?.nanoseconds }
    cars = known.count
    span = Double((known.max() ?? 0) &- (known.min() ?? 0))
    var drift = 0.0
    var farthest = 0.0
    for one in steady {
      drift += one - mean
      farthest = max(farthest, abs(drift))
    }
    let isEven = farthest <= max(mean * 0.75, Self.jitter)
    // Behind a pause several are stamped at once: some in a row, but never most of them, are nearer than they came.
    least = isEven ? mean : max(Self.leastMean(steady), min(Self.lowerQuartile(of: steady), mean), 1)
  }

  /// The distances of neighbours, each with the number of the first.
  ///
  /// Between two of which one is missing nobody knows how many came.
  private static func pairs(_ stamps: [KernelTimestamp?]) -> [(car: Int, gap: Double)] {
    zip(stamps, stamps.dropFirst()).enumerated().compactMap { car, pair in
      guard let first = pair.0, let second = pair.1, second.nanoseconds >= first.nanoseconds else { return nil }
      return (car, Double(second.nanoseconds &- first.nanoseconds))
    }
  }

  /// Those of which both were held, longer than the one that was held the least.
  private static func waiting(
    _ pairs: [(car: Int, gap: Double)], _ stamps: [KernelTimestamp?], behind ahead: [KernelTimestamp?]
  ) -> [(car: Int, gap: Double)] {
    let times = zip(ahead, stamps).map { before, after in
      before.flatMap { one in after.map { $0.nanoseconds &- one.nanoseconds } }
    }
    guard let shortest = times.compactMap({ $0 }).min() else { return [] }
    let isHeld = times.map { time in time.map { Double($0 &- shortest) > leastHold } ?? false }
    return pairs.filter { isHeld[$0.car] && isHeld[$0.car + 1] }
  }

  /// How many distances belong to what a full bucket let through: where two levels, the second above the first, fit best.
  ///
  /// By medians, which one late timer does not move.
  private static func burst(of gaps: [Double]) -> Int {
    var best = (split: 0, error: level(gaps[...]).deviation)
    let last = gaps.count - fewest
    let step = max(last / 12, 1)
    // Near where a coarse look finds it, if it is anywhere.
    for splits in [Array(stride(from: 1, through: last, by: step)), nil] {
      let near = max(best.split - step + 1, 1)...max(min(best.split + step - 1, last), max(best.split - step + 1, 1))
      for split in splits ?? Array(near) where split <= last {
        let (before, behind) = (level(gaps[..<split]), level(gaps[split...]))
        guard behind.median > leastRise * before.median + timerSlack else { continue }
        let error = before.deviation + behind.deviation
        if error < best.error { best = (split, error) }
      }
    }
    // The first of those behind had a part of its tokens.
    return best.split > 0 && gaps.count - best.split > fewest ? best.split + 1 : best.split
  }

  /// The least mean of some neighbours, a third of them or six.
  private static func leastMean(_ gaps: [Double]) -> Double {
    let width = min(max(gaps.count / 3, 6), gaps.count)
    return (0...(gaps.count - width)).map { mean(gaps[$0..<$0 + width]) }.min() ?? 0
  }

  private static func lowerQuartile(of gaps: [Double]) -> Double {
    Selection.element(gaps.count / 4, of: gaps)
  }

  private static func mean(_ values: some Collection<Double>) -> Double {
    values.reduce(0, +) / Double(max(values.count, 1))
  }

  /// The median of some, and how far they lie from it in all.
  private static func level(_ values: ArraySlice<Double>) -> (median: Double, deviation: Double) {
    guard !values.isEmpty else { return (0, 0) }
    let middle = Selection.element(values.count / 2, of: values)
    return (middle, values.reduce(0) { $0 + abs($1 - middle) })
  }
}
