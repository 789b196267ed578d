import SynTesting
import Testing

@testable import SynVerdict

/// How many probes a verdict takes on the average, against a plan whose size is fixed before and that decides once.
///
/// The plan is made for the middle of the claim, so that nine of ten plans confirm it there, and is always sent whole.
/// Looking after every probe costs up to twice as much where the claim is right, and far less where it is plainly wrong.
@Suite struct Plans {
  private static let experiments = 1_000
  private static let most = 5_000

  /// Claim, truth, probes on the average, and probes of the plan.
  @Test(
    arguments: [
      (0.02...0.08, 0.05, 1005, 760), (0.03...0.07, 0.05, 2303, 1617), (0.25...0.35, 0.3, 1614, 1113),
      (0...0.01, 0, 680, 368),
      (0...0.01, 0.05, 139, 368), (0.02...0.08, 0.2, 74, 760), (0.02...0.08, 0, 320, 760), (0.02...0.08, 1, 2, 760),
    ] as [(ClosedRange<Double>, Double, Int, Int)])
  func sequentialSamplingAgainstAFixedPlan(
    _ claim: ClosedRange<Double>, _ truth: Double, _ average: Int, _ fixed: Int
  ) {
    let range = ClaimedRange(lower: claim.lowerBound, upper: claim.upperBound)
    let mixture = BinomialMixture(confidence: 0.95)
    var generator = SeededGenerator(seed: 73)
    var probes = 0
    for _ in 0..<Self.experiments {
      var lost = 0
      var count = 0
      repeat {
        count += 1
        if generator.chance(truth) { lost += 1 }
      } while count < Self.most && range.judge(mixture, successes: lost, of: count) == .inconclusive
      probes += count
    }
    let middle = claim.lowerBound > 0 ? (claim.lowerBound + claim.upperBound) / 2 : 0
    #expect([probes / Self.experiments, Self.plan(range, for: middle)] == [average, fixed])
  }

  /// The fewest probes of which nine tenths of all outcomes with this share confirm the claim by their exact interval.
  private static func plan(_ range: ClaimedRange<Double>, for share: Double) -> Int {
    var few = 1
    var enough = most
    while enough - few > 1 {
      let middle = (few + enough) / 2
      if chanceOfConfirming(range, share, middle) < 0.9 { few = middle } else { enough = middle }
    }
    return enough
  }

  private static func chanceOfConfirming(_ range: ClaimedRange<Double>, _ share: Double, _ count: Int) -> Double {
    (0...count).reduce(0.0) { sum, successes in
      let (hits, trials) = (Double(successes), Double(count))
      let chance = probability(hits, of: trials, share)
      guard chance > 1e-9 else { return sum }
      let interval = BinomialInterval.interval(successes: hits, of: trials, confidence: 0.95)
      let verdict = range.judge(OpenInterval(lower: interval.lowerBound, upper: interval.upperBound))
      return verdict == .confirmed ? sum + chance : sum
    }
  }

  private static func probability(_ hits: Double, of trials: Double, _ share: Double) -> Double {
    if share <= 0 { return hits == 0 ? 1 : 0 }
    let ways = LibMath.logGamma(trials + 1) - LibMath.logGamma(hits + 1) - LibMath.logGamma(trials - hits + 1)
    return LibMath.exp(ways + hits * LibMath.log(share) + (trials - hits) * LibMath.log(1 - share))
  }
}
