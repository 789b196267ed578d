/// What an interval says of a claimed range.
public enum Verdict: String, Sendable, Hashable, CaseIterable {
  /// The interval lies inside the range.
  case confirmed
  /// It lies outside.
  case mismatch
  /// Neither: more probes would decide, or nothing can.
  case inconclusive
}

/// A claimed range, whose ends may be open.
public struct ClaimedRange<Bound: Comparable & Hashable & Sendable>: Hashable, Sendable {
  /// The smallest value that is claimed; nil for any.
  public let lower: Bound?
  /// The largest value that is claimed; nil for any.
  public let upper: Bound?

  /// Joins two ends.
  public init(lower: Bound? = nil, upper: Bound? = nil) {
    self.lower = lower
    self.upper = upper
  }

  /// Judges an interval; an end that is unknown confirms nothing.
  public func judge(_ interval: OpenInterval<Bound>) -> Verdict {
    if let lower, let most = interval.upper, most < lower { return .mismatch }
    if let upper, let least = interval.lower, least > upper { return .mismatch }
    let isAbove = lower.map { bound in interval.lower.map { $0 >= bound } ?? false } ?? true
    let isBelow = upper.map { bound in interval.upper.map { $0 <= bound } ?? false } ?? true
    return isAbove && isBelow ? .confirmed : .inconclusive
  }
}

extension ClaimedRange<Double> {
  /// Judges a proportion after `successes` of `count` trials, by whether the ends of the range are still credible.
  ///
  /// The same as judging the interval, without working its ends out. So many as `dependence` trials in a row are worth
  /// one that does not depend on its neighbours.
  public func judge(
    _ mixture: BinomialMixture, successes: Int, of count: Int, dependence: Double = 1
  ) -> Verdict {
    guard count > 0 else { return lower == nil && upper == nil ? .confirmed : .inconclusive }
    let share = Double(successes) / Double(count)
    let isOpen = { (end: Double) in
      mixture.isCredible(end, successes: Double(successes) / dependence, of: Double(count) / dependence)
    }
    if let lower, share < lower, !isOpen(lower) { return .mismatch }
    if let upper, share > upper, !isOpen(upper) { return .mismatch }
    // An end of everything that there is leaves nothing beyond it.
    let isAbove = lower.map { $0 <= 0 || share > $0 && !isOpen($0) } ?? true
    let isBelow = upper.map { $0 >= 1 || share < $0 && !isOpen($0) } ?? true
    return isAbove && isBelow ? .confirmed : .inconclusive
  }
}

extension ClaimedRange: Codable where Bound: Codable {}
