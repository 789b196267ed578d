/// An interval whose ends may be unknown: so few values say nothing of how far a quantile may lie out there.
public struct OpenInterval<Bound: Comparable & Sendable>: Sendable {
  /// The lower end; nil where there is none.
  public let lower: Bound?
  /// The upper end; nil where there is none.
  public let upper: Bound?

  /// Joins two ends.
  public init(lower: Bound?, upper: Bound?) {
    self.lower = lower
    self.upper = upper
  }
}

extension OpenInterval<Int64> {
  /// Where the difference of two values may lie that each lie in their interval.
  static func - (left: Self, right: Self) -> Self {
    Self(
      lower: left.lower.flatMap { low in right.upper.map { low - $0 } },
      upper: left.upper.flatMap { high in right.lower.map { high - $0 } })
  }
}

/// Where a quantile may lie, by the values themselves and without an assumption on their distribution.
///
/// Of n values, those at or below the quantile of p are as many as successes of n trials with probability p. Between the
/// order statistics at the credible counts of `BinomialMixture` it lies, then, whenever one looks; where the values have
/// ties it lies there the more.
public enum QuantileInterval {
  /// The interval of the quantile of `ratio`.
  /// - Parameters:
  ///   - sorted: The values in ascending order.
  ///   - ratio: 0.5 for the median; above 0, below 1.
  ///   - mixture: With the confidence for all looks together.
  ///   - missing: How many values there are beside these that nobody could measure: they may lie anywhere.
  ///   - above: How many there are that lie above all of these.
  ///   - dependence: How many values in a row are worth one that does not depend on its neighbours.
  /// - Returns: Two of the values, each absent where there are too few to tell.
  public static func interval<Value: Comparable & Sendable>(
    of sorted: [Value], _ ratio: Double, by mixture: BinomialMixture, missing: Int = 0, above: Int = 0,
    dependence: Double = 1
  ) -> OpenInterval<Value> {
    guard !sorted.isEmpty else { return OpenInterval(lower: nil, upper: nil) }
    let counts = mixture.credibleCounts(of: sorted.count + missing + above, for: ratio, dependence: dependence)
    // With k values at or below it, the quantile lies from the k-th of them to before the next one; the missing ones
    // all lie below the one end, and all above the other. Where it lies above all of these, it does so of the last.
    let below = counts.lowerBound - missing
    return OpenInterval(
      lower: below > 0 ? sorted[min(below, sorted.count) - 1] : nil,
      upper: counts.upperBound < sorted.count ? sorted[counts.upperBound] : nil)
  }
}
