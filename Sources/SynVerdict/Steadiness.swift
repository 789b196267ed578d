internal import SynCore

/// Whether what is measured stayed the same from the first half of the probes to the second.
///
/// All that is said of a median or a share is said of something that does not change while it is measured.
struct Steadiness {
  /// How sure the difference must be; less would be chance.
  let mixture: BinomialMixture

  /// The medians of the two halves, where they differ by more than chance and `tolerance`; nanoseconds.
  func change(
    of times: Times, beyond tolerance: Int64, dependence: Double = 1
  ) -> (before: Int64, after: Int64)? {
    let middle = times.values.count / 2
    let halves = [Times(times.values.prefix(middle)), Times(times.values.dropFirst(middle))]
    guard let before = halves[0].quantile(0.5), let after = halves[1].quantile(0.5),
      abs(after - before) > tolerance
    else { return nil }
    let intervals = halves.map { $0.interval(0.5, by: mixture, dependence: dependence) }
    guard let difference = (intervals[1] - intervals[0]).distanceFromZero, difference > tolerance else { return nil }
    return (before, after)
  }

  /// The shares of the two halves, where they differ by more than chance.
  func change(of events: [Bool], dependence: Double) -> (before: Double, after: Double)? {
    let middle = events.count / 2
    guard middle > 0 else { return nil }
    let halves = [Array(events.prefix(middle)), Array(events.dropFirst(middle))]
    let counts = halves.map { half in half.count { $0 } }
    let intervals = zip(halves, counts).map { half, count in
      mixture.interval(successes: Double(count) / dependence, of: Double(half.count) / dependence)
    }
    guard !intervals[0].overlaps(intervals[1]) else { return nil }
    return (Double(counts[0]) / Double(halves[0].count), Double(counts[1]) / Double(halves[1].count))
  }
}

extension Times {
  /// Of times that are all known.
  fileprivate init(_ values: ArraySlice<Int64>) {
    self.init(values.map { $0 })
  }
}

extension OpenInterval<Int64> {
  /// How far zero lies outside; nil where it lies inside.
  fileprivate var distanceFromZero: Int64? {
    if let lower, lower > 0 { return lower }
    if let upper, upper < 0 { return -upper }
    return nil
  }
}
