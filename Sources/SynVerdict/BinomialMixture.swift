/// Which probabilities are still credible after each trial, however often one looks and whenever one stops.
///
/// A bettor who spreads his stake over all probabilities (by Jeffreys' prior) against the claim that it is p multiplies
/// it, while p is true, 1/α-fold at any time with a probability of at most α (Ville, 1939). So the probabilities against
/// which he has not won that much hold the true one at all times together, with probability 1 − α (Robbins, 1970).
public struct BinomialMixture: Sendable, Hashable {
  /// 1 − α, above 0 and below 1.
  public let confidence: Double
  private let threshold: Double

  /// The parameter of the prior on both sides.
  private static let prior = 0.5
  private static let logPrior = LibMath.logBeta(prior, prior)

  /// Begins with an error probability of 1 − `confidence` for all looks together.
  public init(confidence: Double) {
    self.confidence = confidence
    threshold = -LibMath.log(1 - confidence)
  }

  /// Whether `probability` is credible after `successes` of `count` trials.
  public func isCredible(_ probability: Double, successes: Double, of count: Double) -> Bool {
    stake(successes, count) - BinomialMixture.likelihood(probability, successes, count) < threshold
  }

  /// Whether all up to `probability` is not credible any more: the interval lies above it.
  func excludes(upTo probability: Double, successes: Double, of count: Double) -> Bool {
    guard successes > probability * count else { return false }
    // No stake wins more than one that knew the share before: most trials are done with by that.
    let share = successes / count
    let most = BinomialMixture.likelihood(share, successes, count)
    guard most - BinomialMixture.likelihood(probability, successes, count) >= threshold else { return false }
    return !isCredible(probability, successes: successes, of: count)
  }

  /// The logarithm of what is won against `probability`, where the share lies above it; minus infinity elsewhere.
  func evidence(against probability: Double, successes: Double, of count: Double) -> Double {
    guard successes > probability * count else { return -.infinity }
    return stake(successes, count) - BinomialMixture.likelihood(probability, successes, count)
  }

  /// All that is credible: the interval after `successes` of `count` trials, to 1 in 10^12.
  public func interval(successes: Double, of count: Double) -> ClosedRange<Double> {
    guard count > 0 else { return 0...1 }
    let share = successes / count
    let stake = stake(successes, count)
    let isCredible = { probability in
      stake - BinomialMixture.likelihood(probability, successes, count) < threshold
    }
    let lower = isCredible(0) ? 0 : BinomialMixture.edge(from: share, to: 0, isCredible)
    let upper = isCredible(1) ? 1 : BinomialMixture.edge(from: share, to: 1, isCredible)
    return lower...upper
  }

  /// The counts of successes, out of `count`, for which `probability` is credible: one range, since the bettor's stake
  /// falls towards the expected count and rises behind it.
  ///
  /// So many as `dependence` trials in a row are worth one that does not depend on its neighbours.
  public func credibleCounts(
    of count: Int, for probability: Double, dependence: Double = 1
  ) -> ClosedRange<Int> {
    let expected = min(max(Int((probability * Double(count)).rounded()), 0), count)
    let isCredible = { (successes: Int) in
      self.isCredible(probability, successes: Double(successes) / dependence, of: Double(count) / dependence)
    }
    return BinomialMixture.last(
      from: expected, to: 0, isCredible)...BinomialMixture.last(from: expected, to: count, isCredible)
  }

  /// The logarithm of the mixture's likelihood.
  private func stake(_ successes: Double, _ count: Double) -> Double {
    LibMath.logBeta(successes + BinomialMixture.prior, count - successes + BinomialMixture.prior)
      - BinomialMixture.logPrior
  }

  /// The logarithm of a probability's own likelihood; nothing happens with certainty a number of times other than all.
  private static func likelihood(_ probability: Double, _ successes: Double, _ count: Double) -> Double {
    let hits = successes > 0 ? successes * LibMath.log(probability) : 0
    let misses = count - successes > 0 ? (count - successes) * LibMath.log(1 - probability) : 0
    return hits + misses
  }

  /// The last credible probability on the way from a credible one to one that is not.
  private static func edge(from credible: Double, to other: Double, _ isCredible: (Double) -> Bool) -> Double {
    var inside = credible
    var outside = other
    for _ in 0..<40 {
      let middle = (inside + outside) / 2
      if isCredible(middle) { inside = middle } else { outside = middle }
    }
    return outside  // The wider of the two.
  }

  /// The last credible count on the way from the expected one to the end.
  private static func last(from expected: Int, to end: Int, _ isCredible: (Int) -> Bool) -> Int {
    if isCredible(end) { return end }
    var inside = expected
    var outside = end
    while abs(inside - outside) > 1 {
      let middle = (inside + outside) / 2
      if isCredible(middle) { inside = middle } else { outside = middle }
    }
    return inside
  }
}
