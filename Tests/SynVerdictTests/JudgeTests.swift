import SynCore
import SynTesting
import Testing

@testable import SynVerdict

/// Probes as a fault would leave them: times in milliseconds, noise of up to a tenth of one.
struct Scene {
  var egress = 0.0
  var network = 0.0
  var ingress = 0.0
  var lost = 0.0
  var place = LossPlace.network
  var copied = 0.0
  var damaged = 0.0
  var overtaken = 0.0
  var outcome = ProbeOutcome.Kind.open
  var count = 200

  func evidence(seed: UInt64) -> Evidence {
    var generator = SeededGenerator(seed: seed)
    return Evidence((0..<count).map { _ in sample(&generator) })
  }

  func sample(_ generator: inout SeededGenerator) -> Sample {
    let isDamaged = generator.chance(damaged)
    if isDamaged || generator.chance(lost) {
      var sample = Sample(.lost)
      sample.place = isDamaged ? .network : place
      sample.isDamaged = isDamaged
      return sample
    }
    var sample = Sample(outcome)
    guard sample.isAnswer else { return sample }
    let noise = generator.duration(upTo: .microseconds(100)).nanoseconds
    sample.egress = Int64(egress * 1e6) + 2_000
    sample.network = Int64(network * 1e6) + 20_000 + noise
    sample.ingress = Int64(ingress * 1e6) + 1_000
    sample.roundTrip = (sample.egress ?? 0) + (sample.network ?? 0) + (sample.ingress ?? 0)
    sample.isCopied = generator.chance(copied)
    sample.isOvertaken = generator.chance(overtaken)
    return sample
  }
}

@Suite struct Judge {
  private static let baseline = ClaimJudge.Baseline(Scene(count: 50).evidence(seed: 3), isFixed: true)

  private static func verdict(
    _ claims: [(String, String)], _ scene: Scene, baseline: ClaimJudge.Baseline? = baseline
  ) throws -> Verdict {
    let claims = try claims.map { try Claim.parse($0.0, $0.1) }
    let findings = ClaimJudge(claims).judge(scene.evidence(seed: 5), baseline: baseline)
    return .worst(findings.map(\.verdict))
  }

  /// What was injected, what is claimed, and the verdict.
  @Test(
    arguments: [
      (Scene(network: 100), "rtt", "90ms..110ms", .confirmed), (Scene(network: 100), "rtt", "40ms..60ms", .mismatch),
      (Scene(network: 100), "rtt", "..100.07ms", .inconclusive),
      (Scene(network: 100), "added", "90ms..110ms", .confirmed),
      (Scene(network: 200), "added", "90ms..110ms", .mismatch), (Scene(), "added", "90ms..110ms", .mismatch),
      (Scene(), "added", "-1ms..1ms", .confirmed), (Scene(network: 100), "jitter", "..1ms", .confirmed),
      (Scene(network: 100), "jitter", "5ms..20ms", .mismatch),
      (Scene(network: 100, count: 800), "rtt-p99", "..110ms", .confirmed),
      (Scene(network: 100), "rtt-p99", "..50ms", .mismatch),
      (Scene(network: 100, count: 50), "rtt-p99", "..110ms", .inconclusive),
      (Scene(lost: 0.3), "loss", "15%..45%", .confirmed), (Scene(lost: 0.3), "loss", "..10%", .mismatch),
      (Scene(), "loss", "20%..", .mismatch), (Scene(lost: 0.05, count: 60), "loss", "4%..6%", .inconclusive),
      (Scene(copied: 0.3), "duplicate", "15%..45%", .confirmed), (Scene(), "duplicate", "5%..", .mismatch),
      (Scene(overtaken: 0.5), "reorder", "30%..70%", .confirmed), (Scene(), "reorder", "10%..", .mismatch),
      (Scene(lost: 0.05, damaged: 0.2), "corrupt", "10%..40%", .confirmed), (Scene(), "corrupt", "5%..", .mismatch),
      (Scene(lost: 1), "partition", "true", .confirmed), (Scene(lost: 0.98), "partition", "true", .mismatch),
      (Scene(), "partition", "true", .mismatch), (Scene(lost: 1, count: 20), "partition", "true", .inconclusive),
      (Scene(outcome: .filtered), "partition", "true", .confirmed),
      (Scene(outcome: .closed), "refused", "true", .confirmed), (Scene(), "refused", "true", .mismatch),
      (Scene(lost: 1), "refused", "true", .mismatch),
      (Scene(outcome: .closed, count: 20), "refused", "true", .inconclusive),
      (Scene(count: 600), "clear", "true", .confirmed), (Scene(network: 3, count: 600), "clear", "true", .mismatch),
      (Scene(lost: 0.05, count: 900), "clear", "true", .mismatch),
      (Scene(copied: 0.1, count: 600), "clear", "true", .mismatch),
      (Scene(count: 30), "clear", "true", .inconclusive),
    ] as [(Scene, String, String, Verdict)])
  func aClaimIsJudgedByWhatWasInjected(_ scene: Scene, _ name: String, _ value: String, _ expected: Verdict) throws {
    #expect(try Self.verdict([(name, value)], scene) == expected)
  }

  @Test(arguments: [
    (Scene(egress: 50), Segment.egress), (Scene(network: 50), .network), (Scene(ingress: 50), .ingress),
    (Scene(lost: 0.3, place: .egress), .egress), (Scene(lost: 0.3, place: .ingress), .ingress),
    (Scene(lost: 1), .network), (Scene(outcome: .blocked), .egress),
  ]) func thePlaceIsThatOfTheFaultAndOfNoOther(_ scene: Scene, _ place: Segment) throws {
    for claimed in Segment.allCases {
      for baseline in [Self.baseline, nil] {
        let verdict = try Self.verdict([("where", claimed.rawValue)], scene, baseline: baseline)
        // Without a baseline, a network that takes 50 ms may always have done so.
        let isUnknown = baseline == nil && scene.network > 0
        #expect(verdict == (isUnknown ? .inconclusive : claimed == place ? .confirmed : .mismatch))
      }
    }
  }

  @Test func withoutAFaultThereIsNothingToPlace() throws {
    for place in Segment.allCases { #expect(try Self.verdict([("where", place.rawValue)], Scene()) == .mismatch) }
  }

  @Test func aLossAtAnUnknownPlaceIsPlacedNowhere() throws {
    let scene = Scene(lost: 0.5, place: .unknown)
    for place in Segment.allCases { #expect(try Self.verdict([("where", place.rawValue)], scene) == .inconclusive) }
  }

  @Test func theWholeIsTheWorstOfTheClaims() throws {
    let scene = Scene(network: 100)
    #expect(try Self.verdict([("rtt", "90ms..110ms"), ("where", "network")], scene) == .confirmed)
    #expect(try Self.verdict([("rtt", "90ms..110ms"), ("loss", "50%..")], scene) == .mismatch)
    #expect(try Self.verdict([("rtt", "90ms..110ms"), ("loss", "..0.01%")], scene) == .inconclusive)
    #expect(Verdict.worst([]) == .inconclusive)
  }

  // MARK: Soundness

  @Test func ownLimitsNeverBecomeTheNetworksLoss() throws {
    for name in ["loss", "duplicate", "corrupt", "reorder"] {
      var evidence = Scene(lost: 0.3).evidence(seed: 5)
      evidence.captureDrops = 1
      let finding = ClaimJudge([try Claim.parse(name, "0%..100%")]).judge(evidence)[0]
      #expect(finding.verdict == .inconclusive && finding.unsoundness?.contains("buffers lost 1") == true)
    }
    var short = Scene(lost: 1).evidence(seed: 5)
    short.samples[7] = Sample(.blocked)
    short.samples[7].isOwnShortage = true
    #expect(ClaimJudge([Claim(.partition)]).judge(short)[0].verdict == .inconclusive)
  }

  @Test func aSteppedClockDecidesNoTime() throws {
    var evidence = Scene(network: 100, lost: 0.3).evidence(seed: 5)
    evidence.clockSteps = 1
    let judge = ClaimJudge([try Claim.parse("rtt", "90ms..110ms"), try Claim.parse("loss", "15%..45%")])
    #expect(judge.judge(evidence).map(\.verdict) == [.inconclusive, .confirmed])
  }

  @Test func missingStampsWidenAndThenUndoAClaim() throws {
    let judge = ClaimJudge([try Claim.parse("rtt", "90ms..110ms")])
    var evidence = Scene(network: 100).evidence(seed: 5)
    for index in 0..<40 { evidence.samples[index * 5].roundTrip = nil }
    #expect(judge.judge(evidence)[0].verdict == .confirmed)
    for index in 0..<130 { evidence.samples[index].roundTrip = nil }
    #expect(judge.judge(evidence)[0].verdict == .inconclusive)
  }

  @Test func withoutABaselineNothingIsAddedAndNothingIsOver() throws {
    for claim in [try Claim.parse("added", "90ms..110ms"), Claim(.clear)] {
      let finding = ClaimJudge([claim]).judge(Scene(network: 100).evidence(seed: 5))[0]
      #expect(finding.verdict == .inconclusive && finding.unsoundness == Soundness.noBaseline.reason)
    }
  }

  @Test func withoutStampsNothingIsPlaced() throws {
    var evidence = Scene(network: 100).evidence(seed: 5)
    for index in evidence.samples.indices {
      (evidence.samples[index].egress, evidence.samples[index].network, evidence.samples[index].ingress) = (
        nil, nil, nil
      )
    }
    let finding = ClaimJudge([Claim(.place(.network))]).judge(evidence)[0]
    #expect(finding.verdict == .inconclusive && finding.unsoundness != nil)
  }

  @Test func noProbeDecidesNothing() throws {
    for name in Claim.names {
      let value =
        ["rtt", "rtt-p99", "added", "added-forward", "added-back", "jitter"].contains(name)
        ? "0ms..1s" : name == "where" ? "egress" : name == "rate" ? "..1gbit" : "true"
      let claim = try Claim.parse(name, value.hasPrefix("t") && Self.isShare(name) ? "0%..100%" : value)
      #expect(ClaimJudge([claim]).judge(Evidence(), baseline: Self.baseline)[0].verdict == .inconclusive)
    }
  }

  private static func isShare(_ name: String) -> Bool { ["loss", "duplicate", "corrupt", "reorder"].contains(name) }

  // MARK: How many more

  @Test func moreProbesDecideAndAreNotManyMoreThanNeeded() throws {
    let claim = try Claim.parse("loss", "2%..8%")
    let judge = ClaimJudge([claim])
    let evidence = Evidence((0..<100).map { Sample($0 % 20 == 7 ? .lost : .open) })
    let more = try #require(judge.furtherProbes(deciding: claim, evidence))
    let enough = Evidence((0..<(110 + more * 11 / 10)).map { Sample($0 % 20 == 7 ? .lost : .open) })
    #expect(judge.judge(enough)[0].verdict == .confirmed)
    let few = Evidence((0..<(100 + more * 8 / 10)).map { Sample($0 % 20 == 7 ? .lost : .open) })
    #expect(judge.judge(few)[0].verdict == .inconclusive)
  }

  @Test func noNumberOfProbesDecidesWhatLiesOnTheEdge() throws {
    let claim = try Claim.parse("loss", "5%..10%")
    let evidence = Evidence((0..<100).map { Sample($0 % 20 == 7 ? .lost : .open) })
    #expect(ClaimJudge([claim]).furtherProbes(deciding: claim, evidence) == nil)
    #expect(ClaimJudge([claim]).furtherProbes(deciding: claim, Evidence()) == nil)
  }
}
