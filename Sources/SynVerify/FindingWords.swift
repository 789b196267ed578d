internal import SynCore
internal import SynVerdict

/// A finding in one sentence without a full stop: what was measured, and what that means for the claim.
struct FindingWords {
  let finding: Finding
  /// How many more probes would decide.
  let further: Int?
  /// What explains it beyond the numbers.
  let explanations: [String]

  /// All of it.
  var text: String { ([statement] + explanations).joined(separator: "; ") }

  /// What was measured and means, without what explains it.
  var statement: String { finding.unsoundness ?? measured + judgement }

  // MARK: What was measured

  private var measured: String {
    switch finding.claim.content {
    case .rtt: value.map { "the median round trip is \($0)" } ?? unmeasured
    case .rttP99: value.map { "the 99th percentile of the round trips is \($0)" } ?? unmeasured
    case .added: value.map { "the round trip \(isFall ? "changed" : "rose") by \($0)" } ?? unmeasured
    case .jitter: value.map { "the inter-quartile range of the round trips is \($0)" } ?? unmeasured
    case .loss: value.map { "\($0) of the probes are lost" } ?? unmeasured
    case .duplicate: value.map { "\($0) of the answers came more than once" } ?? unmeasured
    case .corrupt: value.map { "\($0) of the probes were seen damaged on the way back" } ?? unmeasured
    case .reorder: value.map { "\($0) of the answers were overtaken by a later one" } ?? unmeasured
    case .partition: count("answered")
    case .refused: count("refused")
    case .clear: value.map { "the round trip differs from the baseline's by \($0)" } ?? unmeasured
    case .place: place
    }
  }

  private var unmeasured: String {
    switch finding.claim.content {
    case .loss, .duplicate, .corrupt, .reorder: "no probe has ended"
    default: "too few answers came in time"
    }
  }

  private var isFall: Bool {
    guard case .time(let estimate)? = finding.estimate else { return false }
    return estimate < 0
  }

  /// The best value, and between what it may lie.
  private var value: String? {
    switch (finding.estimate, finding.interval) {
    case (.time(let estimate)?, .time(let lower?, let upper?)?):
      "\(Self.text(estimate)) ms (\(Self.text(lower))..\(Self.text(upper)) ms)"
    case (.time(let estimate)?, _): "\(Self.text(estimate)) ms"
    case (.share(let estimate)?, .share(let lower, let upper)?):
      "\(Self.percent(estimate)) (\(Self.percent(lower))..\(Self.percent(upper)))"
    case (.share(let estimate)?, _): Self.percent(estimate)
    default: nil
    }
  }

  private func count(_ verb: String) -> String {
    guard case .share(let share)? = finding.estimate else { return "no probe has ended" }
    let count = Int((share * Double(finding.samples)).rounded())
    if finding.samples == 1 { return "the one probe was \(count == 0 ? "not " : "")\(verb) in time" }
    return "\(count == 0 ? "none" : "\(count)") of \(finding.samples) probes were \(verb) in time"
  }

  private var place: String {
    guard case .place(let segment)? = finding.estimate else { return "no segment holds most of a delay or a loss" }
    return "it is in \(segment == .network ? "the network" : "this host's \(segment.rawValue)")"
  }

  // MARK: What it means

  private var judgement: String {
    let expected = finding.claim.expected
    switch finding.verdict {
    case .confirmed: return ", as expected: \(expected)"
    case .mismatch: return ", and not as expected: \(expected)"
    case .inconclusive:
      guard finding.samples > 0 else { return ": \(expected) can be neither confirmed nor refuted" }
      let more = further.map { "about \($0) more probes would decide" } ?? "no number of probes would decide"
      return ", which neither confirms nor refutes \(expected): \(more)"
    }
  }

  private static func text(_ nanoseconds: Int64) -> String { Duration.nanoseconds(nanoseconds).millisecondsText }

  private static func percent(_ share: Double) -> String {
    let tenths = Int((share * 1_000).rounded())
    return "\(tenths / 10).\(tenths % 10)%"
  }
}
