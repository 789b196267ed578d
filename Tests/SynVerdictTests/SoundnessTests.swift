import SynCore
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

  @Test(arguments: ["duplicate", "corrupt", "reorder"], ["..5%", "50%.."])
  func whatNoPacketTellsIsNotJudgedByTheKernelsConnections(_ name: String, _ range: String) throws {
    var evidence = Scene().evidence(seed: 5)
    #expect(try Self.judge((name, range), evidence).verdict == (range == "..5%" ? .confirmed : .mismatch))
    evidence.isByKernel = true
    let finding = try Self.judge((name, range), evidence)
    #expect(finding.verdict == .inconclusive && finding.isBeyondDeciding)
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

  @Test func besideAClaimOnTheRoundTripThePlaceIsThatOfAllOfIt() throws {
    let judge = ClaimJudge([try Claim.parse("rtt", "40ms..60ms"), try Claim.parse("where", "network")])
    #expect(judge.judge(Scene(network: 50).evidence(seed: 5)).map(\.verdict) == [.confirmed, .confirmed])
  }

  /// A port that was open and refuses now is quick, and not as before.
  @Test func aServiceThatDiedIsNotClear() throws {
    let saved = Scene(count: 50).evidence(seed: 3)
    let now = Scene(outcome: .closed, count: 600).evidence(seed: 5)
    #expect(try Self.judge(("clear", "true"), now, saved: saved).verdict == .mismatch)
    #expect(try Self.judge(("clear", "true"), saved, saved: now).verdict == .mismatch)
    let closed = Scene(outcome: .closed, count: 50).evidence(seed: 3)
    #expect(try Self.judge(("clear", "true"), now, saved: closed).verdict == .confirmed)
  }

  @Test(arguments: ["loss", "corrupt"]) func whatThisHostRefusedToSendIsNoTrialOfTheNetwork(_ name: String) throws {
    var evidence = Scene(outcome: .blocked).evidence(seed: 5)
    let all = try Self.judge((name, "..1%"), evidence)
    #expect(all.verdict == .inconclusive && all.isBeyondDeciding)
    #expect(all.unsoundness?.hasPrefix("this host itself refused to send 200 of 200 probes") == true)
    evidence.samples += Scene(lost: 0.3, count: 9_900).evidence(seed: 6).samples
    #expect(try Self.judge(("loss", "28%..32%"), evidence).verdict == .confirmed)
  }

  /// Nine of ten in 0.1 ms, and one beyond the timeout.
  @Test(arguments: [
    ("rtt-p99", "..90ms", Verdict.inconclusive), ("rtt", "..90ms", .confirmed), ("added", "..1ms", .confirmed),
  ])
  func answersAfterTheTimeoutAreSlowAndNotAbsent(_ name: String, _ range: String, _ expected: Verdict) throws {
    var evidence = Scene(count: 1000).evidence(seed: 5)
    for index in stride(from: 3, to: 1000, by: 10) {
      evidence.samples[index] = Sample(.lost)
      evidence.samples[index].isLate = true
    }
    let finding = try Self.judge((name, range), evidence, saved: Scene(count: 50).evidence(seed: 3))
    #expect(finding.verdict == expected)
    for index in stride(from: 4, to: 1000, by: 2) {
      evidence.samples[index] = Sample(.lost)
      evidence.samples[index].isLate = true
    }
    #expect(try Self.judge((name, range), evidence, saved: Scene(count: 50).evidence(seed: 3)).verdict == .inconclusive)
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
