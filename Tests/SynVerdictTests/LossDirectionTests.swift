import SynTesting
import SynVerdict
import Testing

@Suite struct LossDirections {
  /// The shares that are lost, and of 10 000 seeded experiments those in which an interval missed one at any look.
  struct Row: Sendable {
    let forward: Double
    let back: Double
    let golden: Int
  }

  static let rows = [
    Row(forward: 0, back: 0, golden: 0),
    Row(forward: 0.05, back: 0, golden: 8), Row(forward: 0, back: 0.05, golden: 25),
    Row(forward: 0.2, back: 0, golden: 9), Row(forward: 0, back: 0.2, golden: 34),
    Row(forward: 0.2, back: 0.1, golden: 28),
    Row(forward: 0.5, back: 0, golden: 15), Row(forward: 0, back: 0.5, golden: 63),
    Row(forward: 0.5, back: 0.5, golden: 61),
  ]

  private static func probe(_ row: Row, _ generator: inout SeededGenerator) -> WritableKeyPath<
    LossDirection.Counts, Int
  > {
    func isLost(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &generator) < share }
    if isLost(row.forward) { return \.silent }
    if !isLost(row.back) { return \.atOnce }
    return isLost(row.back) ? \.silent : \.repeated
  }

  @Test(arguments: rows) func bothIntervalsHoldHoweverOftenOneLooks(_ row: Row) {
    var misses = 0
    for seed in 0..<10_000 {
      var generator = SeededGenerator(seed: UInt64(seed) &* 0x9e37_79b9 &+ 5)
      var counts = LossDirection.Counts()
      var isMissed = false
      for look in [10, 20, 40, 70, 110, 150, 200] {
        while counts.atOnce + counts.repeated + counts.silent < look {
          counts[keyPath: Self.probe(row, &generator)] += 1
        }
        guard let found = LossDirection(counts, confidence: 0.95) else { continue }
        isMissed =
          isMissed || !found.forward.interval.contains(row.forward) || !found.back.interval.contains(row.back)
      }
      misses += isMissed ? 1 : 0
    }
    #expect(misses <= 500)
    #expect(misses == row.golden)
  }

  /// What was measured with 20 % dropped one way, 100 probes each.
  @Test(arguments: [
    (LossDirection.Counts(atOnce: 78, repeated: 0, silent: 22), 0.22, 0.0),
    (LossDirection.Counts(atOnce: 77, repeated: 20, silent: 3), 0.0, 0.26),
  ]) func aLossOnOneWayIsFoundThere(_ counts: LossDirection.Counts, _ forward: Double, _ back: Double) throws {
    let found = try #require(LossDirection(counts, confidence: 0.95))
    #expect(abs(found.forward.ratio - forward) < 0.01 && abs(found.back.ratio - back) < 0.01)
    let (lossy, clean) = forward > back ? (found.forward, found.back) : (found.back, found.forward)
    #expect(lossy.interval.lowerBound > 0.07 && lossy.interval.upperBound < 0.6)
    #expect(clean.interval.lowerBound == 0 && clean.interval.upperBound < 0.15)
  }

  @Test func whatCannotBeToldIsNotGuessed() {
    #expect(LossDirection(.init(silent: 50), confidence: 0.95) == nil, "a partition says nothing of its direction")
    #expect(LossDirection(.init(), confidence: 0.95) == nil)
    #expect(LossDirection(.init(atOnce: 1, repeated: 90), confidence: 0.95) == nil, "no loss leaves that")
  }
}
