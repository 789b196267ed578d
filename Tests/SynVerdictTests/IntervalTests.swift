import SynTesting
import Testing

@testable import SynVerdict

@Suite struct Intervals {
  /// Of a table of the binomial distribution: successes, trials, confidence, lower and upper end (SciPy's beta.ppf).
  @Test(
    arguments: [
      (0, 10, 0.95, 0.0, 0.308497108), (10, 10, 0.95, 0.691502892, 1.0), (5, 100, 0.95, 0.0164318792, 0.112834911),
      (20, 400, 0.95, 0.0308052411, 0.0761669728), (1, 1000, 0.99, 5.01252926e-06, 0.00740628694),
      (500, 1000, 0.95, 0.468549173, 0.531450827),
    ] as [(Double, Double, Double, Double, Double)])
  func theExactIntervalIsThatOfTheTables(
    _ successes: Double, _ count: Double, _ confidence: Double, _ lower: Double, _ upper: Double
  ) {
    let found = BinomialInterval.interval(successes: successes, of: count, confidence: confidence)
    #expect(abs(found.lowerBound - lower) < 1e-9)
    #expect(abs(found.upperBound - upper) < 1e-9)
  }

  @Test func aProportionLiesWhereTheExactIntervalSays() {
    for (count, confidence) in [(1, 0.95), (2, 0.5), (7, 0.9), (60, 0.99), (400, 0.95)] {
      for successes in Set([0, 1, count / 3, count - 1, count]) {
        let interval = BinomialInterval.interval(
          successes: Double(successes), of: Double(count), confidence: confidence)
        for step in 1..<200 {
          // An end may be a round number, which is on neither side.
          let proportion = Double(step) / 200 + 1e-7
          let side = BinomialInterval.side(of: proportion, successes: successes, of: count, confidence: confidence)
          let expected: BinomialInterval.Side =
            proportion < interval.lowerBound ? .below : proportion > interval.upperBound ? .above : .within
          #expect(side == expected, "\(proportion) beside \(interval) of \(successes)/\(count)")
        }
      }
    }
  }

  @Test func whatIsSelectedStandsThereInOrder() {
    var generator = SeededGenerator(seed: 12)
    for count in 1...60 {
      // Few different values, so that many are equal.
      let values = (0..<count).map { _ in Double(generator.next() % 17) }
      let sorted = values.sorted()
      for index in values.indices { #expect(Selection.element(index, of: values) == sorted[index]) }
      #expect(Selection.element(0, of: values[(count / 2)...]) == values[(count / 2)...].min())
    }
  }

  /// Of a table of the normal distribution (SciPy's norm.ppf); netem's own table ends at 4.
  @Test(
    arguments: [
      (0.5, 0.0), (0.75, 0.6744897501960817), (0.025, -1.9599639845400545), (0.999, 3.090232306167813), (0.00001, -4.0),
      (1.0, 4.0), (0.0, -4.0),
    ])
  func theNormalQuantileIsThatOfTheTables(_ ratio: Double, _ expected: Double) {
    #expect(abs(JitterShape.normal(ratio) - expected) < 1e-9)
  }

  @Test func theMixtureHoldsAllThatItDeemsCredibleAndNothingElse() {
    let mixture = BinomialMixture(confidence: 0.95)
    for count in [1, 2, 7, 50, 1000] {
      for successes in Set([0, 1, count / 3, count]) {
        let interval = mixture.interval(successes: Double(successes), of: Double(count))
        #expect(interval.contains(Double(successes) / Double(count)))
        for step in 0...100 {
          let probability = Double(step) / 100
          let isCredible = mixture.isCredible(probability, successes: Double(successes), of: Double(count))
          #expect(isCredible == interval.contains(probability), "\(successes) of \(count), \(probability)")
        }
      }
    }
    #expect(mixture.interval(successes: 0, of: 0) == 0...1)
  }

  @Test func credibleCountsAreThoseThatTheMixtureBelieves() {
    let mixture = BinomialMixture(confidence: 0.9)
    for (count, probability) in [(0, 0.5), (1, 0.5), (30, 0.5), (30, 0.99), (500, 0.05), (500, 0.0)] {
      let counts = mixture.credibleCounts(of: count, for: probability)
      for successes in 0...count {
        let isCredible = mixture.isCredible(probability, successes: Double(successes), of: Double(count))
        #expect(isCredible == counts.contains(successes))
      }
    }
  }

  @Test func aQuantileLiesBetweenValuesAndFewOfThemSayNothing() {
    let mixture = BinomialMixture(confidence: 0.95)
    let few = QuantileInterval.interval(of: [1, 2, 3], 0.5, by: mixture)
    #expect(few.lower == nil && few.upper == nil)
    let many = QuantileInterval.interval(of: Array(1...1000), 0.5, by: mixture)
    #expect((400...500).contains(many.lower ?? 0) && (501...600).contains(many.upper ?? 0))
    let tail = QuantileInterval.interval(of: Array(1...100), 0.99, by: mixture)
    #expect(tail.lower != nil && tail.upper == nil, "a hundred values do not bound their 99th percentile")
    #expect(QuantileInterval.interval(of: [Int](), 0.5, by: mixture).lower == nil)
  }

  @Test func theEstimateOfAShiftIsTheMedianOfAllDifferences() {
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<200 {
      let now = (0..<Int.random(in: 1...12, using: &generator)).map { _ in Int64.random(in: 0...50, using: &generator) }
      let before = (0..<Int.random(in: 1...12, using: &generator)).map { _ in
        Int64.random(in: 0...50, using: &generator)
      }
      let all = now.flatMap { value in before.map { value - $0 } }.sorted()
      #expect(Shift.hodgesLehmann(now.sorted(), over: before.sorted()) == all[(all.count - 1) / 2])
    }
    #expect(Shift.hodgesLehmann([], over: [1]) == nil)
  }

  @Test func dependenceIsSeenWhereItIsAndNotInChance() {
    var generator = SeededGenerator(seed: 5)
    let independent = (0..<2000).map { _ in generator.chance(0.1) }
    #expect(SerialDependence.effect(independent) == 1)
    var isLost = false
    let bursts = (0..<2000).map { _ in
      isLost = isLost ? generator.chance(0.8) : generator.chance(0.02)
      return isLost
    }
    #expect((5.0...20).contains(SerialDependence.effect(bursts)), "the chain's own is 8.3")
    #expect(SerialDependence.effect(Array(repeating: true, count: 100)) == 1)
  }

  @Test(
    arguments: [
      (10, 20, 12, 18, Verdict.confirmed), (10, 20, 10, 20, .confirmed), (10, 20, 21, 30, .mismatch),
      (10, 20, 1, 9, .mismatch), (10, 20, 9, 15, .inconclusive), (10, 20, nil, 9, .mismatch),
      (10, 20, 12, nil, .inconclusive), (nil, 20, nil, 18, .confirmed), (10, nil, 11, nil, .confirmed),
      (nil, nil, nil, nil, .confirmed), (10, 20, nil, nil, .inconclusive),
    ] as [(Int?, Int?, Int?, Int?, Verdict)])
  func anIntervalIsInsideOutsideOrNeither(_ low: Int?, _ high: Int?, _ least: Int?, _ most: Int?, _ verdict: Verdict) {
    let range = ClaimedRange(lower: low, upper: high)
    #expect(range.judge(OpenInterval(lower: least, upper: most)) == verdict)
  }
}
