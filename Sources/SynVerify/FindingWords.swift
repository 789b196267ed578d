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
    case .addedForward: value.map { "the way to the target \(isFall ? "changed" : "grew") by \($0)" } ?? unmeasured
    case .addedBack: value.map { "the way back \(isFall ? "changed" : "grew") by \($0)" } ?? unmeasured
    case .jitter: value.map { "the inter-quartile range of the round trips is \($0)" } ?? unmeasured
    case .loss: value.map { "\($0) of the probes are lost" } ?? unmeasured
    case .duplicate: value.map { "\($0) of the answers came more than once" } ?? unmeasured
    case .corrupt: value.map { "\($0) of the probes were seen damaged on the way back" } ?? unmeasured
    case .reorder: value.map { "\($0) of the answers were overtaken by a later one" } ?? unmeasured
    case .rate: rate
    case .partition: partition
    case .refused: refused
    case .clear: clear
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

  private var rate: String {
    guard case .rate(let lower, let upper)? = finding.interval else { return "no train has told" }
    if case .rate(let estimate)? = finding.estimate, let lower, let upper {
      return "the path is \(estimate.text) wide (\(lower.text)..\(upper.text))"
    }
    let least = lower.map { "the path is \($0.text) wide or more" }
    return least ?? "no narrow part of the path was seen, and a bucket of 32 KB would hide one from so few bytes"
  }

  /// How many probes had the property of which the share is the estimate; nil before the first has ended.
  private var hits: Int? {
    guard case .share(let share)? = finding.estimate else { return nil }
    return Int((share * Double(finding.samples)).rounded())
  }

  private var partition: String {
    guard let hits else { return "no probe has ended" }
    if hits == 0 { return "none of \(probes(finding.samples)) was answered" }
    return finding.samples == 1
      ? "the target answered the one probe" : "the target answered \(hits) of \(probes(finding.samples))"
  }

  private var refused: String {
    guard let hits else { return "no probe has ended" }
    if finding.samples == 1 { return "the one probe was \(hits == 0 ? "not " : "")refused" }
    return "\(hits == 0 ? "none" : "\(hits)") of \(probes(finding.samples)) \(hits < 2 ? "was" : "were") refused"
  }

  private func probes(_ count: Int) -> String { count == 1 ? "1 probe" : "\(count) probes" }

  private var clear: String {
    guard let disturbance = finding.disturbance, disturbance.decides else {
      return value.map { "the round trip differs from the baseline's by \($0)" } ?? unmeasured
    }
    let interval = disturbance.interval
    return
      "\(Self.percent(disturbance.share)) (\(Self.percent(interval.lowerBound))..\(Self.percent(interval.upperBound)))"
      + " of the probes were lost, refused, late, copied, damaged, overtaken or slower than before"
      + ", where \(Self.percent(disturbance.allowed)) may be"
  }

  private var place: String {
    if finding.isNothingLost { return "no probe is lost, here or anywhere" }
    guard case .place(let place)? = finding.estimate else {
      if finding.isOfRate { return "no part of the path is narrower than all others" }
      return "no segment holds most of a delay or a loss"
    }
    switch place {
    case .egress, .ingress: return "it is in this host's \(place.rawValue)"
    case .network: return "it is in the network"
    case .forward: return "it is in the network, on the way to the target"
    case .back: return "it is in the network, on the way back"
    }
  }

  // MARK: What it means

  private var judgement: String {
    let expected = finding.claim.expected
    switch (finding.claim.content, finding.verdict) {
    case (.partition, .mismatch): return ": there is no partition"
    case (.partition, .confirmed): return ": it is cut off, as expected"
    case (.refused, .mismatch): return ": the port is not closed"
    default: break
    }
    switch finding.verdict {
    case .confirmed: return ", as expected: \(expected)"
    case .mismatch: return ", and not as expected: \(expected)"
    case .inconclusive:
      guard finding.samples > 0 else { return ": \(expected) can be neither confirmed nor refuted" }
      if finding.claim.isOfOneWay {
        return ", which neither confirms nor refutes \(expected): a baseline that is longer, or newer, would tell"
      }
      if finding.claim.isOfRate || finding.isOfRate { return ", which neither confirms nor refutes \(expected)" }
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
