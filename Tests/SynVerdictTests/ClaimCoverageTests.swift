import SynCore
import SynTesting
import Testing

@testable import SynVerdict

/// The promise for each kind of claim, at claims that are just met and just missed.
///
/// 10 000 seeded experiments a row, each looked at as it grows and stopped when it is decided. With a confidence of 95 %
/// at most 500 may be wrong.
@Suite struct ClaimCoverage {
  private static let experiments = 10_000
  private static let allowed = 500
  /// When an experiment is looked at: more seldom as it grows, as the program does.
  private static let looks = [10, 20, 40, 70, 110, 150, 200]

  /// One claim, the experiments, and what became of them.
  struct Row: Sendable {
    let name: String
    let value: String
    let isMet: Bool
    let scene: Scene
    /// Probes of the saved baseline.
    var saved = 30
    /// Verdicts: confirmed, mismatch, inconclusive; and probes on the average.
    let golden: [Int]
  }

  static let rows = [
    Row(name: "rtt", value: "..100.072ms", isMet: false, scene: Scene(network: 100), golden: [26, 55, 9919, 198]),
    Row(name: "rtt", value: "100.074ms..", isMet: false, scene: Scene(network: 100), golden: [23, 56, 9921, 198]),
    Row(name: "rtt", value: "100.05ms..100.1ms", isMet: true, scene: Scene(network: 100), golden: [9994, 0, 6, 74]),
    Row(name: "rtt-p99", value: "..100.121ms", isMet: false, scene: Scene(network: 100), golden: [0, 432, 9568, 195]),
    Row(name: "jitter", value: "..40us", isMet: false, scene: Scene(network: 100), golden: [0, 1, 9999, 200]),
    Row(name: "jitter", value: "60us..", isMet: false, scene: Scene(network: 100), golden: [0, 15, 9985, 199]),
    Row(name: "added", value: "..99.999ms", isMet: false, scene: Scene(network: 100), golden: [1, 5, 9994, 199]),
    Row(name: "added", value: "100.001ms..", isMet: false, scene: Scene(network: 100), golden: [1, 5, 9994, 199]),
    Row(name: "added", value: "90ms..110ms", isMet: true, scene: Scene(network: 100), golden: [10000, 0, 0, 10]),
    Row(
      name: "added", value: "..99.999ms", isMet: false, scene: Scene(network: 100), saved: 5, golden: [3, 4, 9993, 199]),
    Row(
      name: "added", value: "100.001ms..", isMet: false, scene: Scene(network: 100), saved: 5,
      golden: [1, 7, 9992, 199]),
    Row(name: "loss", value: "..7.9%", isMet: false, scene: Scene(lost: 0.08), golden: [45, 32, 9923, 199]),
    Row(name: "loss", value: "8.1%..", isMet: false, scene: Scene(lost: 0.08), golden: [32, 45, 9923, 199]),
    Row(name: "duplicate", value: "..7.9%", isMet: false, scene: Scene(copied: 0.08), golden: [39, 22, 9939, 199]),
    Row(name: "reorder", value: "51%..", isMet: false, scene: Scene(overtaken: 0.5), golden: [30, 52, 9918, 198]),
    Row(name: "corrupt", value: "..9.9%", isMet: false, scene: Scene(damaged: 0.1), golden: [14, 28, 9958, 199]),
    Row(name: "partition", value: "true", isMet: false, scene: Scene(lost: 0.949), golden: [6, 9994, 0, 27]),
    Row(
      name: "refused", value: "true", isMet: false, scene: Scene(lost: 0.06, outcome: .closed),
      golden: [2, 97, 9901, 198]),
    Row(name: "clear", value: "true", isMet: false, scene: Scene(network: 0.501), golden: [0, 2013, 7987, 180]),
    Row(name: "clear", value: "true", isMet: false, scene: Scene(lost: 0.021), golden: [0, 16, 9984, 199]),
    Row(
      name: "where", value: "network", isMet: false, scene: Scene(egress: 50, network: 49.999),
      golden: [0, 0, 10000, 200]),
  ]

  @Test(arguments: rows) func aClaimIsSeldomWronglyDecided(_ row: Row) throws {
    let judge = ClaimJudge([try Claim.parse(row.name, row.value)])
    var verdicts: [Verdict: Int] = [:]
    var probes = 0
    for experiment in 0..<Self.experiments {
      let (verdict, count) = Self.run(judge, row, seed: UInt64(experiment))
      verdicts[verdict, default: 0] += 1
      probes += count
    }
    #expect(verdicts[row.isMet ? .mismatch : .confirmed] ?? 0 <= Self.allowed)
    #expect(Verdict.allCases.map { verdicts[$0] ?? 0 } + [probes / Self.experiments] == row.golden)
  }

  private static func run(_ judge: ClaimJudge, _ row: Row, seed: UInt64) -> (Verdict, Int) {
    var generator = SeededGenerator(seed: seed &* 0x9e37_79b9 &+ 71)
    let baseline = ClaimJudge.Baseline(
      Evidence((0..<row.saved).map { _ in Scene().sample(&generator) }), isFixed: true)
    var evidence = Evidence()
    for look in looks {
      while evidence.samples.count < look { evidence.samples.append(row.scene.sample(&generator)) }
      let verdict = judge.judge(evidence, baseline: baseline)[0].verdict
      if verdict != .inconclusive { return (verdict, look) }
    }
    return (.inconclusive, evidence.samples.count)
  }

  /// Losses in bursts, 9.09 % in the long run.
  ///
  /// What the probes show of the bursts widens the interval, and so does what is known of the fault. Where neither is, a
  /// run without a burst looks like a path without a loss: only the last two rows, nothing stated, are wrong too often.
  @Test(
    arguments: [
      ("..9%", true, [0, 25, 9975]), ("9.2%..", true, [25, 0, 9975]), ("..9%", false, [3843, 26, 6131]),
      ("9.2%..", false, [26, 3843, 6131]),
    ] as [(String, Bool, [Int])])
  func lossesInBurstsAreSeldomWronglyDecided(_ value: String, _ isStated: Bool, _ golden: [Int]) throws {
    let spec = try NetemSpec.parse("loss gemodel 1% 10%")
    let loss = try #require(spec.loss)
    let range = try ClaimedRange<Double>.percentages(value)
    let judge = ClaimJudge([Claim(.loss(range), dependence: isStated ? spec.lossDependence : 1)])
    var verdicts: [Verdict: Int] = [:]
    for experiment in 0..<Self.experiments {
      var chain = LossChain(loss, seed: UInt64(experiment))
      for _ in 0..<100 { _ = chain.loses() }  // Away from the state that it begins in.
      var evidence = Evidence()
      var verdict = Verdict.inconclusive
      for look in [50, 100, 200, 400] where verdict == .inconclusive {
        while evidence.samples.count < look { evidence.samples.append(Sample(chain.loses() ? .lost : .open)) }
        verdict = judge.judge(evidence)[0].verdict
      }
      verdicts[verdict, default: 0] += 1
    }
    if isStated { #expect(verdicts[.confirmed] ?? 0 <= Self.allowed) }
    #expect(Verdict.allCases.map { verdicts[$0] ?? 0 } == golden)
  }
}
