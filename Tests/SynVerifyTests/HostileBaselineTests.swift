import SynCore
import SynFaultFiles
import SynTesting
import SynVerdict
import SynWire
import Testing

@testable import SynVerify

/// Whatever is claimed, injected or saved by others is refused or understood, and never traps.
@Suite struct HostileClaims {
  private static let claims = [
    "rtt=90ms..110ms", "added=-5ms..5ms", "jitter=100ms+-10%", "loss=5%+-2%", "where=network", "clear=true",
    "rtt-p99=..1440m", "reorder=0%..100%",
  ]
  private static let lines = [
    "delay 100ms 10ms distribution pareto", "loss gemodel 1% 10% 70% 1%", "loss state 5% 50% 10% 60% 1%",
    "delay 50ms reorder 25% gap 5", "rate 64kbit 20 48 5 limit 3", "duplicate 5% corrupt 5%", "loss random 5%",
  ]
  private static let files = [
    "kind: NetworkChaos\nspec:\n  action: delay\n  delay: {latency: 100ms, jitter: 1ms, reorder: {reorder: 5, gap: 3}}\n",
    "kind: Schedule\nspec:\n  networkChaos: {action: loss, loss: {loss: '5', correlation: 1}, direction: both}\n",
    "kind: NetworkChaos\nspec: {action: rate, rate: {rate: 1mbps}, direction: from}\n",
    #"[{"kind":"netem","dev":"e","options":{"limit":9,"delay":{"delay":0.1,"jitter":1e-3,"correlation":0}}}]"#,
    #"[{"kind":"netem","dev":"e","options":{"loss-gemodel":{"p":0.01,"r":0.1,"1-h":1,"1-k":0},"gap":3}}]"#,
    #"[{"kind":"netem","options":{"rate":{"rate":125000,"packetoverhead":-20},"duplicate":{"duplicate":0.5}}}]"#,
  ]
  private static let extremes = [
    "0", "-1", "1e300", "nan", "inf", "99999999999999999999", "0.0000000001", "%", "..", "9223372036854775807", "{",
    "}",
    "\u{0}", "é", " ", "100%", "4000s", "1ns",
  ]

  /// A right text, a few places of which are changed.
  private static func mutated(_ texts: [String], _ generator: inout SeededGenerator) -> String {
    var text = Array(texts[Int(generator.next() % UInt64(texts.count))].unicodeScalars)
    for _ in 0...(generator.next() % 4) {
      let place = Int(generator.next() % UInt64(text.count + 1))
      let end = min(place + Int(generator.next() % 6), text.count)
      let patch = extremes[Int(generator.next() % UInt64(extremes.count))]
      text.replaceSubrange(place..<end, with: generator.chance(0.7) ? Array(patch.unicodeScalars) : [])
    }
    return String(String.UnicodeScalarView(text))
  }

  @Test func claimsAndNetemLinesTrapNowhere() {
    var generator = SeededGenerator(seed: 5)
    var understood = 0
    for _ in 0..<60_000 {
      let claim = Self.mutated(Self.claims, &generator).split(separator: "=", maxSplits: 1).map(String.init)
      if claim.count == 2, let claim = try? Claim.parse(claim[0], claim[1]) {
        understood += claim.expected.isEmpty ? 0 : 1
        _ = try? Claim.parse(claim.name, claim.expected)
      }
      guard let spec = try? NetemSpec.parse(Self.mutated(Self.lines, &generator)) else { continue }
      understood += Self.claimed(InjectedFault(netem: spec), &generator)
    }
    #expect(understood > 10_000)
  }

  @Test func filesOfFaultsTrapNowhere() {
    var generator = SeededGenerator(seed: 7)
    var understood = 0
    for _ in 0..<30_000 {
      let text = Self.mutated(Self.files, &generator)
      if let fault = try? InjectedFault.networkChaos(text) { understood += Self.claimed(fault, &generator) }
      if let fault = try? InjectedFault.qdisc(text) { understood += Self.claimed(fault, &generator) }
    }
    #expect(understood > 2_000)
  }

  private static func claimed(_ fault: InjectedFault, _ generator: inout SeededGenerator) -> Int {
    let intervals: [Int64] = [1, 1_000_000, 20_000_000, 86_400_000_000_000]
    let interval = intervals[Int(generator.next() % 4)]
    var count = 0
    for path in FaultPath.allCases {
      let claims = try? VerifyPlan.claims(
        [], fault: fault, path: path, hasBaseline: generator.chance(0.5), interval: interval)
      count += claims?.count ?? 0
    }
    return count
  }

  @Test func savedResultsTrapNowhereAndAreJudged() {
    var generator = SeededGenerator(seed: 11)
    let probe = #"{"seq":0,"outcome":"open","rtt_ms":1.5,"egress_ms":0.25,"network_ms":1.2,"ingress_ms":0.05}"#
    let lost = #"{"seq":9,"outcome":"lost","where":"ingress"}"#
    let text = SavedBaselines.ping([probe, lost, probe, probe, probe, probe, probe].joined(separator: ","))
    let judge = ClaimJudge(
      [("added", "..5ms"), ("clear", "true"), ("where", "network")].compactMap { try? Claim.parse($0.0, $0.1) })
    var understood = 0
    for _ in 0..<3_000 {
      guard let saved = try? SavedBaseline(Self.mutated([text], &generator), for: Events.endpoint) else { continue }
      understood += 1
      let findings = judge.judge(saved.evidence, baseline: ClaimJudge.Baseline(saved.evidence, isFixed: true))
      for finding in findings { _ = FindingWords(finding: finding, further: nil, explanations: []).text }
    }
    #expect(understood > 150)
  }
}
