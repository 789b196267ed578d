/// By how much one distribution lies above another.
public enum Shift {
  /// Hodges and Lehmann's estimate: the median of all differences between a value of one sample and one of the other.
  ///
  /// It is right for a distribution that was shifted, and an outlier does not move it.
  /// - Parameters:
  ///   - sorted: The values now, in ascending order, nanoseconds; each between ±10^18.
  ///   - baseline: Those before, the same.
  /// - Returns: Nanoseconds, the lower of two in the middle; nil without a value on both sides.
  /// - Complexity: O((m + n) log range): the differences are counted, not written down.
  public static func hodgesLehmann(_ sorted: [Int64], over baseline: [Int64]) -> Int64? {
    guard let least = sorted.first, let most = sorted.last, let first = baseline.first, let last = baseline.last else {
      return nil
    }
    let wanted = (sorted.count * baseline.count + 1) / 2
    var low = least - last
    var high = most - first
    while low < high {
      let middle = low + (high - low) / 2
      if countOfDifferences(upTo: middle, sorted, baseline) >= wanted { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// Where the difference of the two medians may lie, whenever one looks and whatever the distributions are.
  ///
  /// Half of the error goes to each median, since both intervals must hold.
  public static func intervalOfMedians(
    _ sorted: [Int64], over baseline: [Int64], confidence: Double
  ) -> OpenInterval<Int64> {
    let mixture = BinomialMixture(confidence: (1 + confidence) / 2)
    let now = QuantileInterval.interval(of: sorted, 0.5, by: mixture)
    let before = QuantileInterval.interval(of: baseline, 0.5, by: mixture)
    return now - before
  }

  /// How many pairs differ by at most `bound`.
  private static func countOfDifferences(upTo bound: Int64, _ sorted: [Int64], _ baseline: [Int64]) -> Int {
    var count = 0
    var below = baseline.count
    // From the largest value on, ever fewer of the baseline are near enough below it.
    for (index, value) in sorted.enumerated() {
      if index == 0 { below = 0 }
      while below < baseline.count, value - baseline[below] > bound { below += 1 }
      count += baseline.count - below
    }
    return count
  }
}
