import SynTesting
import Testing

@testable import SynVerdict

/// What makes a measurement unfit to carry a claim, beyond this host's own limits.
@Suite struct SoundnessOfMeasurements {
  private static func judge(
    _ claim: (String, String), _ evidence: Evidence, control: Evidence? = nil, saved: Evidence? = nil
  ) throws -> Finding {
    let baseline =
      control.map { ClaimJudge.Baseline($0, isFixed: false) } ?? saved.map { ClaimJudge.Baseline($0, isFixed: true) }
    return ClaimJudge([try Claim.parse(claim.0, claim.1)]).judge(evidence, baseline: baseline)[0]
  }

  /// Two halves that differ, one after the other.
  private static func changing(_ first: Scene, _ second: Scene) -> Evidence {
    Evidence(first.evidence(seed: 5).samples + second.evidence(seed: 6).samples)
  }

  @Test(arguments: [
    ("rtt", "..200ms", Scene(), Scene(network: 100), "changed meanwhile, from 0.0"),
    ("rtt", "..200ms", Scene(network: 100), Scene(), "changed meanwhile, from 100.0"),
    ("added", "-200ms..200ms", Scene(), Scene(network: 100), "changed meanwhile"),
    ("loss", "1%..90%", Scene(), Scene(lost: 0.5), "the loss changed meanwhile, from 0% to "),
  ]) func aFaultThatBeganMeanwhileConfirmsNothing(
    _ name: String, _ range: String, _ first: Scene, _ second: Scene, _ words: String
  ) throws {
    let finding = try Self.judge(
      (name, range), Self.changing(first, second), saved: Scene(count: 50).evidence(seed: 3))
    #expect(finding.verdict == .inconclusive)
    #expect(finding.unsoundness?.contains(words) == true)
  }

  @Test func whatStaysTheSameIsNoChange() throws {
    let evidence = Self.changing(Scene(network: 100), Scene(network: 100.2))
    #expect(try Self.judge(("rtt", "90ms..110ms"), evidence).verdict == .confirmed)
    let lossy = Self.changing(Scene(lost: 0.3), Scene(lost: 0.32))
    #expect(try Self.judge(("loss", "15%..45%"), lossy).verdict == .confirmed)
  }

  @Test(arguments: [
    (Scene(lost: 1), "200 of 200 probes without an answer"), (Scene(lost: 0.15), "without an answer: it is affected"),
  ]) func aControlTargetThatIsHitItselfIsNoMeasure(_ control: Scene, _ words: String) throws {
    for claim in [("added", "90ms..110ms"), ("partition", "true"), ("loss", "50%..")] {
      let finding = try Self.judge(claim, Scene(lost: 1).evidence(seed: 5), control: control.evidence(seed: 3))
      #expect(finding.verdict == .inconclusive)
      #expect(finding.unsoundness?.contains(words) == true)
    }
  }

  @Test func aControlTargetThatMovedIsNoMeasure() throws {
    let control = Self.changing(Scene(), Scene(network: 2))
    let finding = try Self.judge(("added", "90ms..110ms"), Scene(network: 100).evidence(seed: 5), control: control)
    #expect(finding.verdict == .inconclusive)
    #expect(finding.unsoundness?.hasPrefix("the control target itself moved, from 0.0") == true)
  }

  @Test func aSteadyControlTargetCarriesAClaim() throws {
    let finding = try Self.judge(
      ("added", "90ms..110ms"), Scene(network: 100).evidence(seed: 5), control: Scene().evidence(seed: 3))
    #expect(finding.verdict == .confirmed)
  }

  /// ping's own default is 5 probes.
  @Test func fiveSavedAnswersAreABaselineAndFourAreNone() throws {
    let evidence = Scene(network: 100).evidence(seed: 5)
    let five = Scene(count: 5).evidence(seed: 3)
    #expect(try Self.judge(("added", "90ms..110ms"), evidence, saved: five).verdict == .confirmed)
    #expect(try Self.judge(("added", "..50ms"), evidence, saved: five).verdict == .mismatch)
    let few = try Self.judge(("added", "90ms..110ms"), evidence, saved: Scene(count: 4).evidence(seed: 3))
    #expect(few.verdict == .inconclusive)
    #expect(few.unsoundness?.hasPrefix("the baseline has 4 answers with a time") == true)
  }
}
