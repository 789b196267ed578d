/// The exact confidence interval of a proportion for one look at a sample whose size was fixed before (Clopper and
/// Pearson, 1934).
///
/// It may not be looked at again and again until it pleases: for that there is `BinomialMixture`.
public enum BinomialInterval {
  /// The interval after `successes` of `count` trials.
  /// - Parameters:
  ///   - successes: From 0 to `count`; it need not be whole, where a sample counts for less than its size.
  ///   - count: Trials, above 0.
  ///   - confidence: Above 0, below 1.
  /// - Returns: From 0 to 1.
  public static func interval(successes: Double, of count: Double, confidence: Double) -> ClosedRange<Double> {
    let tail = (1 - confidence) / 2
    let lower = successes <= 0 ? 0 : IncompleteBeta.quantile(tail, successes, count - successes + 1)
    let upper = successes >= count ? 1 : IncompleteBeta.quantile(1 - tail, successes + 1, count - successes)
    return min(lower, upper)...max(lower, upper)
  }

  /// Where a proportion lies, seen from an interval.
  enum Side {
    case below, within, above
  }

  /// Where `proportion` lies, seen from the interval: as the interval would say, without its ends, which are searched for.
  static func side(of proportion: Double, successes: Int, of count: Int, confidence: Double) -> Side {
    let tail = (1 - confidence) / 2
    let (hits, misses) = (Double(successes), Double(count - successes))
    if successes > 0, IncompleteBeta.value(proportion, hits, misses + 1) < tail { return .below }
    if successes < count, IncompleteBeta.value(proportion, hits + 1, misses) > 1 - tail { return .above }
    return .within
  }

  /// How many trials a fixed plan needs, so that an interval around `proportion` is no wider than `width`.
  public static func trials(proportion: Double, width: Double, confidence: Double) -> Int {
    var low = 1
    var high = 1
    let isEnough = { (count: Int) in
      let found = interval(successes: proportion * Double(count), of: Double(count), confidence: confidence)
      return found.upperBound - found.lowerBound <= width
    }
    while !isEnough(high), high < 1 << 30 { (low, high) = (high, high * 2) }
    while low < high {
      let middle = (low + high) / 2
      if isEnough(middle) { high = middle } else { low = middle + 1 }
    }
    return high
  }
}
