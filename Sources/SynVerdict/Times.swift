/// Times of answers, some of which nobody could measure.
struct Times {
  /// In the order of the probes.
  let values: [Int64]
  let sorted: [Int64]
  /// Answers whose time is unknown.
  let missing: Int
  /// Answers that took longer than the timeout: above all others.
  let above: Int

  /// All that there are, those of unknown place too.
  private var total: Int { sorted.count + missing + above }

  init(_ times: [Int64?], above: Int = 0) {
    values = times.compactMap { $0 }
    sorted = values.sorted()
    missing = times.count - values.count
    self.above = above
  }

  /// The value at or below which this ratio of them lies: the estimate of a quantile; nil where it took longer than the
  /// timeout.
  func quantile(_ ratio: Double) -> Int64? {
    let known = sorted.count + above
    guard known > 0 else { return nil }
    let index = min(Int(ratio * Double(known)), known - 1)
    return index < sorted.count ? sorted[index] : nil
  }

  /// Where the quantile may lie.
  ///
  /// Values that depend on their neighbours widen it, each end by the dependence that is seen there: that a level moved
  /// by a little says nothing against an end that lies well outside all of it.
  func interval(_ ratio: Double, by mixture: BinomialMixture, dependence stated: Double) -> OpenInterval<Int64> {
    // Beyond the slowest that came in time nothing is known but that there is more.
    guard let estimate = quantile(ratio) ?? sorted.last else { return OpenInterval(lower: nil, upper: nil) }
    guard SerialDependence.effect(values.map { $0 <= estimate }) > stated else {
      return QuantileInterval.interval(
        of: sorted, ratio, by: mixture, missing: missing, above: above, dependence: stated)
    }
    let isRefuted = { (events: [Bool], unknown: Int) in
      let dependence = max(stated, SerialDependence.effect(events))
      let count = Double(events.count { $0 } + unknown)
      return !mixture.isCredible(
        ratio, successes: count / dependence, of: Double(total) / dependence)
    }
    // The missing ones all lie below the one end, and all above the other.
    let first = Times.firstIndex(in: sorted.count) { index in
      sorted[index] > estimate || !isRefuted(values.map { $0 < sorted[index] }, missing)
    }
    let last = Times.firstIndex(in: sorted.count) { index in
      sorted[index] >= estimate && isRefuted(values.map { $0 <= sorted[index] }, 0)
    }
    return OpenInterval(
      lower: first > 0 ? sorted[first - 1] : nil, upper: last < sorted.count ? sorted[last] : nil)
  }

  /// The first index with a property that all those behind it have too; `count` where none has it.
  static func firstIndex(in count: Int, where hasProperty: (Int) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if hasProperty(middle) { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// With fewer answers than this a saved baseline says nothing of its median.
  private static let fewestSaved = 5

  /// Why so few answers make no baseline; nil where they are enough.
  var shortage: Objection? {
    guard values.count < Times.fewestSaved else { return nil }
    let answers = values.count == 1 ? "1 answer" : "\(values.count) answers"
    return Objection(
      "the baseline has \(answers) with a time, and \(Times.fewestSaved) are the fewest: save one of 20 probes")
  }

  /// Where the median of a saved baseline may lie.
  ///
  /// The exact interval needs 6 answers for one claim at 95 %, and more for several. Of fewer it is taken to lie no
  /// further outside them than they lie apart: right but for distributions with two peaks of which the lower was not hit.
  func savedInterval(confidence: Double) -> OpenInterval<Int64> {
    let exact = exactInterval(0.5, confidence: confidence)
    guard shortage == nil, missing == 0, let least = sorted.first, let most = sorted.last else { return exact }
    return OpenInterval(lower: exact.lower ?? least - (most - least), upper: exact.upper ?? most + (most - least))
  }

  /// Where the quantile may lie, looked at once: the sample's size was fixed before (a saved baseline).
  func exactInterval(_ ratio: Double, confidence: Double) -> OpenInterval<Int64> {
    guard !sorted.isEmpty else { return OpenInterval(lower: nil, upper: nil) }
    // Both ends of the interval rise with the count: the credible counts are one range.
    let side = { (count: Int) in
      BinomialInterval.side(of: ratio, successes: count, of: total, confidence: confidence)
    }
    let least = Times.firstIndex(in: total) { side($0) != .above }
    let most = Times.firstIndex(in: total) { side($0 + 1) == .below }
    return OpenInterval(
      lower: least > missing ? sorted[min(least - missing, sorted.count) - 1] : nil,
      upper: most < sorted.count ? sorted[most] : nil)
  }
}
