internal import SynCore
public import SynProbe
public import SynVerdict

/// The JSON of a verification, schema `synprobe.verify/1`: numbers are numbers, units are in the keys, absent is absent.
public struct VerifyReport: Sendable {
  /// Name and version of this form.
  public internal(set) var schema = "synprobe.verify/1"

  /// One claim and what became of it.
  public struct Claim: Sendable {
    /// The claim's word, as `added`.
    public var claim: String
    /// What is claimed, as `90ms..110ms`.
    public var expected: String
    /// What the probes say to it.
    public var verdict: Verdict
    /// The best single value, milliseconds.
    public var estimateMs: Double?
    /// The best single value of a share, 0 to 1; of the claim `clear` that of the probes that were disturbed.
    public var estimateRatio: Double?
    /// The best single value of a width, bits a second.
    public var estimateBps: Double?
    /// Where the true width may lie, bits a second; absent where an end of it is unknown.
    public var intervalBps: ClosedRange<Double>?
    /// Of the claim `where`: egress, forward, back, network or ingress.
    public var estimate: String?
    /// Where the true value may lie, milliseconds; absent where an end of it is unknown.
    public var intervalMs: ClosedRange<Double>?
    /// Where the true share may lie, 0 to 1.
    public var intervalRatio: ClosedRange<Double>?
    /// That the interval holds the true value, however long was probed.
    public var confidence: Double
    /// Probes that were judged.
    public var samples: Int
    /// One sentence without a full stop.
    public var reason: String
    /// How many more probes would decide an inconclusive claim, where some number would.
    public var moreProbes: Int?
  }

  /// What the delay grew by since the baseline.
  public struct Added: Sendable {
    /// In all; absent where too few answers tell.
    public var total: Amount?
    /// On the way to the target; absent where its clock does not tell.
    public var forward: Amount?
    /// On the way back.
    public var back: Amount?
    /// Why the ways are not told apart.
    public var absentBecause: String?

    /// Milliseconds.
    public struct Amount: Sendable {
      /// The best single value.
      public var estimate: Double
      /// Where the true one lies; absent where an end is unknown.
      public var interval: ClosedRange<Double>?
    }
  }

  /// The worst of the claims.
  public var verdict: Verdict
  /// The verdict in one sentence without a full stop.
  public var reason: String
  /// Who was probed.
  public var target: PingReport.Target
  /// How many probes were judged, the first ones, where `measurement` has more, that ended later or out of turn.
  public var judged: Int?
  /// Each claim, in the order they were given.
  public var claims: [Claim]
  /// What the delay grew by, in all and on each way; absent without a baseline.
  public var addedMs: Added?
  /// How wide each part of the path is; absent where no claim asks.
  public var rateBps: Rates?
  /// What was measured of the target.
  public var measurement: PingReport
  /// What it was compared with, without its probes; absent where there was none.
  public var baseline: PingReport?
}

extension Verification {
  /// The verdict so far as a report.
  public func report() -> VerifyReport {
    let measurement = target.report(ended: latest, includesProbes: true)
    var baseline = control?.report(ended: latest, includesProbes: false) ?? plan.baseline?.report
    baseline?.probes = nil
    baseline?.clocks = nil
    let words = findings.map {
      FindingWords(finding: $0, further: furtherProbes($0), explanations: explanations($0))
    }
    return VerifyReport(
      verdict: verdict, reason: "\(verdict.rawValue): \(target.input): \(reason(words))", target: measurement.target,
      judged: judged < target.statistics.attempted ? judged : nil, claims: words.map(VerifyReport.Claim.init),
      addedMs: added, rateBps: rates,
      measurement: measurement, baseline: baseline)
  }

  /// What the delay grew by since a baseline; nil without one.
  private var added: VerifyReport.Added? {
    judge.added(seen.evidence, baseline: seen.baseline).map(VerifyReport.Added.init)
  }

  /// What decided: of the worst claims the first, and of a confirmation all, each explanation once.
  private func reason(_ words: [FindingWords]) -> String {
    let telling = words.filter { $0.finding.verdict == verdict }
    let said = verdict == .confirmed ? telling : Array(telling.prefix(1))
    var parts: [String] = []
    for part in said.map(\.statement) + said.flatMap(\.explanations) where !parts.contains(part) { parts.append(part) }
    if let explanation = netemExplanation { parts.append(explanation) }
    let more = telling.count - said.count
    let others = more > 0 ? " (and \(more == 1 ? "1 more claim" : "\(more) more claims"))" : ""
    return parts.joined(separator: "; ") + others
  }
}

extension Verification {
  /// Fewer probes than this tell no line from another.
  private static let fewestToExplain = 10

  /// Of a mismatch against a baseline: the netem line that explains best what is seen, where one does.
  private var netemExplanation: String? {
    guard verdict == .mismatch, let baseline = seen.baseline else { return nil }
    let found = NetemIdentification.find(
      seen.evidence, baseline: baseline.evidence, interval: plan.interval.nanoseconds,
      fewest: Verification.fewestToExplain)
    return found.lines.first.map { "best explained by \($0.words)" }
  }
}

extension VerifyReport.Added {
  fileprivate init(_ added: AddedDelay) {
    total = added.total.map { estimate, interval in
      VerifyReport.Added.Amount(estimate, lower: interval.lower, upper: interval.upper)
    }
    switch added.ways {
    case .success(let ways):
      forward = Amount(
        ways.forward.estimate, lower: ways.forward.interval.lowerBound, upper: ways.forward.interval.upperBound)
      back = Amount(ways.back.estimate, lower: ways.back.interval.lowerBound, upper: ways.back.interval.upperBound)
    case .failure(let absence): absentBecause = absence.description
    }
  }
}

extension VerifyReport.Added.Amount {
  fileprivate init(_ estimate: Int64, lower: Int64?, upper: Int64?) {
    self.estimate = Duration.nanoseconds(estimate).milliseconds
    if let lower, let upper {
      interval = Duration.nanoseconds(lower).milliseconds...Duration.nanoseconds(upper).milliseconds
    }
  }
}

extension VerifyReport.Claim {
  init(_ words: FindingWords) {
    let finding = words.finding
    claim = finding.claim.name
    expected = finding.claim.expected
    verdict = finding.verdict
    switch finding.estimate {
    case .time(let nanoseconds): estimateMs = Duration.nanoseconds(nanoseconds).milliseconds
    case .share(let share): estimateRatio = share
    case .rate(let rate): estimateBps = rate.bitsPerSecond
    case .place(let place): estimate = place.rawValue
    case nil: break
    }
    switch finding.interval {
    case .time(let lower?, let upper?):
      intervalMs = Duration.nanoseconds(lower).milliseconds...Duration.nanoseconds(upper).milliseconds
    case .share(let lower, let upper): intervalRatio = lower...upper
    case .rate(let lower?, let upper?): intervalBps = lower.bitsPerSecond...upper.bitsPerSecond
    case .time, .rate, nil: break
    }
    if let disturbance = finding.disturbance {
      estimateRatio = disturbance.share
      intervalRatio = disturbance.interval
    }
    confidence = finding.confidence
    samples = finding.samples
    reason = words.text
    moreProbes = words.further
  }
}
