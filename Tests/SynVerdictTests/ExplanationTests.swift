import SynCore
import Testing

@testable import SynVerdict

@Suite struct Explanations {
  private static let baseline = Scene(count: 50).evidence(seed: 3)

  private static func words(_ name: String, _ value: String, _ scene: Scene) throws -> [String] {
    let evidence = scene.evidence(seed: 5)
    let judge = ClaimJudge([try Claim.parse(name, value)])
    let finding = judge.judge(evidence, baseline: ClaimJudge.Baseline(baseline, isFixed: true))[0]
    return Explanation(evidence, baseline: baseline).words(on: finding)
  }

  /// What was injected, what was claimed, and the ends of what is said to it.
  @Test(
    arguments: [
      (
        Scene(network: 200), "added", "90ms..110ms",
        ["measured 200 ms = 2 × 100 ms: is it applied at both ends?", "the delay is in the network"]
      ),
      (
        Scene(egress: 100, network: 100), "added", "90ms..110ms",
        [
          "measured 200 ms = 2 × 100 ms: is it applied at both ends?",
          "100 ms in this host's egress, 100 ms in the network",
        ]
      ),
      (
        Scene(network: 200.6), "added", "90ms..110ms",
        ["measured 200 ms = 2 × 100 ms: is it applied at both ends?", "the delay is in the network"]
      ),
      (
        Scene(network: 212), "added", "90ms..110ms",
        ["measured 212 ms, about 2 × 100 ms: is it applied at both ends?", "the delay is in the network"]
      ),
      (
        Scene(network: 400), "rtt", "90ms..110ms",
        ["measured 400 ms = 4 × 100 ms: is it applied 4 times?", "the delay is in the network"]
      ),
      (
        Scene(), "added", "90ms..110ms",
        ["no delay at all: is the rule on another interface, or in another direction?"]
      ),
      (
        Scene(ingress: 100), "added", "90ms..110ms",
        ["the delay is in this host's ingress: pcap-based tools do not see it"]
      ),
      (Scene(egress: 100), "added", "90ms..110ms", ["the delay is in this host's egress"]),
      (
        Scene(), "loss", "4%..6%", ["no loss at all: is the rule on another interface, or in another direction?"]
      ),
      (
        Scene(lost: 1, place: .ingress), "loss", "4%..6%",
        [
          "nothing is answered at all: this is a partition",
          "cut in one direction: every reply arrives, and this host's ingress drops it; pcap-based tools call it success",
        ]
      ),
      (
        Scene(lost: 0.51, count: 1000), "loss", "28%..32%",
        [
          "% = 30% met twice: is it applied at both ends?",
          "lost in the network: sent, and no reply arrived",
        ]
      ),
      (
        Scene(network: 3, count: 600), "clear", "true",
        [" ms more than the baseline are left", "the delay is in the network"]
      ),
      (Scene(ingress: 100), "where", "network", ["pcap-based tools do not see it there"]),
      (Scene(network: 100), "where", "egress", []),
      (
        Scene(outcome: .blocked), "partition", "true",
        ["this host itself refused to send 200 probes, by its firewall or its routes"]
      ),
    ] as [(Scene, String, String, [String])])
  func aFindingIsExplained(_ scene: Scene, _ name: String, _ value: String, _ expected: [String]) throws {
    let found = try Self.words(name, value, scene)
    #expect(found.count == expected.count && zip(found, expected).allSatisfy { $0.hasSuffix($1) }, "\(found)")
  }

  @Test func withoutABaselineTheNetworksOwnTimeIsNoInjectedDelay() throws {
    let evidence = Scene(network: 100).evidence(seed: 5)
    let finding = ClaimJudge([try Claim.parse("rtt", "90ms..110ms")]).judge(evidence)[0]
    #expect(Explanation(evidence).words(on: finding).isEmpty)
  }

  @Test func lateAnswersAreNotSilence() throws {
    var evidence = Scene(lost: 1).evidence(seed: 5)
    evidence.samples[3].isLate = true
    let finding = ClaimJudge([Claim(.partition)]).judge(evidence)[0]
    #expect(finding.verdict == .mismatch)
    #expect(Explanation(evidence).words(on: finding).contains { $0.hasPrefix("1 answer came after the timeout") })
  }

  /// The fault, the interval of the probes in milliseconds, and what its own queue does.
  @Test(
    arguments: [
      ("delay 100ms limit 4", 20, "netem's limit of 4 drops by itself: at this interval 5 probes wait in its delay"),
      ("delay 100ms limit 6", 20, nil), ("delay 100ms", 20, nil),
      (
        "rate 8kbit", 20,
        "netem's rate passes fewer packets than are sent: its queue of 1000 fills, and drops by itself"
      ),
      ("rate 8mbit", 20, nil),
    ] as [(String, Int64, String?)]) func netemsOwnLimitIsNamed(
      _ line: String, _ interval: Int64, _ expected: String?
    ) throws
  {
    let evidence = Scene(network: 100, lost: 0.3).evidence(seed: 5)
    let finding = ClaimJudge([try Claim.parse("loss", "..1%")]).judge(evidence)[0]
    let injected = Explanation.Injected(try NetemSpec.parse(line), interval: interval * 1_000_000)
    let found = Explanation(evidence, injected: injected).words(on: finding).filter { $0.hasPrefix("netem's") }
    #expect(found == (expected.map { [$0] } ?? []))
  }

  @Test func aDelayAndALossInOneQueueHintAtItsLimit() throws {
    let evidence = Scene(egress: 100, lost: 0.3, place: .egress).evidence(seed: 5)
    let finding = ClaimJudge([try Claim.parse("loss", "..1%")]).judge(evidence)[0]
    #expect(Explanation(evidence).words(on: finding).contains { $0.hasPrefix("there is a delay in the egress too") })
  }
}
