import SynCore
import SynTesting
import Testing

@testable import SynVerdict

/// The promise for each kind of claim, at claims that are just met and just missed.
///
/// 10 000 seeded experiments a row, each looked at as it grows and stopped when it is decided. With a confidence of 95 %
/// at most 500 may be wrong. `fixed` is what a plan needs that decides once, by the exact interval, as surely; where
/// nothing decides, the most that were sent.
@Suite struct ClaimCoverage {
  private static let experiments = 10_000
  private static let allowed = 500
  /// When an experiment is looked at: more seldom as it grows, as the program does.
  private static let looks = [10, 20, 30, 40, 60, 80, 100, 140, 200, 300]

  /// One claim, the experiments, and what became of them.
  struct Row: Sendable {
    let name: String
    let value: String
    let isMet: Bool
    let scene: Scene
    /// Verdicts: confirmed, mismatch, inconclusive; and probes on the average.
    let golden: [Int]
  }

  static let rows: [Row] = []

  @Test(arguments: rows) func aClaimIsSeldomWronglyDecided(_ row: Row) throws {
    let judge = ClaimJudge([try Claim.parse(row.name, row.value)])
    var verdicts: [Verdict: Int] = [:]
    var probes = 0
    for experiment in 0..<Self.experiments {
      let (verdict, count) = Self.run(judge, row.scene, seed: UInt64(experiment))
      verdicts[verdict, default: 0] += 1
      probes += count
    }
    #expect(verdicts[row.isMet ? .mismatch : .confirmed] ?? 0 <= Self.allowed)
    #expect(Verdict.allCases.map { verdicts[$0] ?? 0 } + [probes / Self.experiments] == row.golden)
  }

  private static func run(_ judge: ClaimJudge, _ scene: Scene, seed: UInt64) -> (Verdict, Int) {
    var generator = SeededGenerator(seed: seed &* 0x9e37_79b9 &+ 71)
    let baseline = ClaimJudge.Baseline(
      Evidence((0..<30).map { _ in Scene().sample(&generator) }), isFixed: true)
    var evidence = Evidence()
    for look in looks {
      while evidence.samples.count < look { evidence.samples.append(scene.sample(&generator)) }
      let verdict = judge.judge(evidence, baseline: baseline)[0].verdict
      if verdict != .inconclusive { return (verdict, look) }
    }
    return (.inconclusive, evidence.samples.count)
  }
}
