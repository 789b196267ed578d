/// Durations with their minimum, mean, spread and quantiles.
///
/// Up to `exactLimit` values are kept as they are, so that every quantile is one of the measured values, to the
/// nanosecond. Beyond that they fall into log-linear buckets, whose quantiles are right to one part in a thousand: 8 KB for
/// each doubling in which there is a value, however long a run lasts.
public struct LatencyDistribution: Hashable, Sendable {
  /// How many values are kept exactly where it is not said.
  public static let usualExactLimit = 65_536
  /// How many values are kept exactly; 0 for none.
  public let exactLimit: Int

  /// How many values were added.
  public private(set) var count = 0
  /// The smallest value, exactly.
  public private(set) var minimum: Duration?
  /// The largest value, exactly.
  public private(set) var maximum: Duration?

  private var mean = 0.0
  /// Sum of squared distances from the mean (Welford's method).
  private var squares = 0.0
  private var values: [Int64] = []
  private var buckets: LogLinearHistogram?

  /// No value yet.
  public init(exactLimit: Int = usualExactLimit) {
    self.exactLimit = exactLimit
  }

  /// Adds a value; a negative one is not a latency and is not taken.
  public mutating func add(_ value: Duration) {
    guard value >= .zero else { return }
    count += 1
    minimum = min(minimum ?? value, value)
    maximum = max(maximum ?? value, value)
    let nanoseconds = value.nanoseconds
    let distance = Double(nanoseconds) - mean
    mean += distance / Double(count)
    squares += distance * (Double(nanoseconds) - mean)
    keep(nanoseconds)
  }

  /// The arithmetic mean.
  public var average: Duration? { count > 0 ? .nanoseconds(Int64(mean.rounded())) : nil }

  /// The standard deviation of the sample; nil below two values.
  public var standardDeviation: Duration? {
    count > 1 ? .nanoseconds(Int64((squares / Double(count - 1)).squareRoot().rounded())) : nil
  }

  /// The quantile of `ratio`, from 0 to 1, by the nearest rank: a value such that this share lies at or below it.
  public func quantile(_ ratio: Double) -> Duration? {
    quantiles([ratio])?.first
  }

  /// Several quantiles at the price of one.
  /// - Complexity: O(n log n) while the values are exact.
  public func quantiles(_ ratios: [Double]) -> [Duration]? {
    guard count > 0, let minimum, let maximum else { return nil }
    if let buckets {
      return ratios.map { min(max(.nanoseconds(buckets.value(atRank: rank($0))), minimum), maximum) }
    }
    let sorted = values.sorted()
    return ratios.map { .nanoseconds(sorted[rank($0) - 1]) }
  }

  private func rank(_ ratio: Double) -> Int {
    min(max(Int((ratio * Double(count)).rounded(.up)), 1), count)
  }

  private mutating func keep(_ nanoseconds: Int64) {
    if buckets != nil {
      buckets?.add(nanoseconds)
    } else if values.count < exactLimit {
      values.append(nanoseconds)
    } else {
      var histogram = LogLinearHistogram()
      for value in values { histogram.add(value) }
      histogram.add(nanoseconds)
      buckets = histogram
      values = []
    }
  }
}
