internal import SynCore

/// Judges claims by the probes so far; it may be asked after every probe, without spoiling its confidence.
///
/// Each claim's interval holds at all times together (`BinomialMixture`), and each claim has its share of the error
/// (Bonferroni): with probability `confidence` or more no verdict on any of them is ever wrong.
public struct ClaimJudge: Sendable {
  /// What the claims are judged against.
  public struct Baseline: Sendable {
    /// Its probes.
    public var evidence: Evidence
    /// Whether it was measured before and is complete; else it grows with the measurement.
    public var isFixed: Bool

    /// Joins the fields.
    public init(_ evidence: Evidence, isFixed: Bool) {
      self.evidence = evidence
      self.isFixed = isFixed
    }
  }

  /// The claims.
  public let claims: [Claim]
  /// For all of them together, above 0 and below 1.
  public let confidence: Double

  /// Joins the fields.
  public init(_ claims: [Claim], confidence: Double = 0.95) {
    self.claims = claims
    self.confidence = confidence
  }

  /// What the probes say to each claim, in their order.
  public func judge(_ evidence: Evidence, baseline: Baseline? = nil) -> [Finding] {
    let soundness = Soundness(evidence, baseline, mixture())
    return claims.map { judge($0, evidence, baseline, soundness) }
  }

  /// What the probes say to one of the claims.
  func judge(_ claim: Claim, alone evidence: Evidence, _ baseline: Baseline?) -> Finding {
    judge(claim, evidence, baseline, Soundness(evidence, baseline, mixture()))
  }

  private func judge(
    _ claim: Claim, _ evidence: Evidence, _ baseline: Baseline?, _ soundness: Soundness
  ) -> Finding {
    let finding = judge(claim, evidence, baseline)
    guard let reason = soundness.objection(to: finding) else { return finding }
    return finding.unsound(reason)
  }

  /// Of each claim alone.
  var claimConfidence: Double { 1 - (1 - confidence) / Double(max(claims.count, 1)) }

  private func judge(_ claim: Claim, _ evidence: Evidence, _ baseline: Baseline?) -> Finding {
    switch claim.content {
    case .rtt(let range): return quantile(0.5, in: range, claim, evidence)
    case .rttP99(let range): return quantile(0.99, in: range, claim, evidence)
    case .jitter(let range): return spread(in: range, claim, evidence)
    case .added(let range): return shift(in: range, claim, evidence, baseline)
    case .addedForward(let range): return way(\.forward, in: range, claim, evidence, baseline)
    case .addedBack(let range): return way(\.back, in: range, claim, evidence, baseline)
    case .loss(let range):
      return share(of: evidence.sent.map { $0.outcome == .lost }, in: range, claim)
    case .duplicate(let range): return share(of: evidence.answers.map(\.isCopied), in: range, claim)
    case .reorder(let range): return share(of: evidence.answers.map(\.isOvertaken), in: range, claim)
    case .corrupt(let range): return damage(in: range, claim, evidence)
    case .rate(let range): return rate(in: range, claim, evidence)
    case .partition: return silence(claim, evidence)
    case .refused: return refusal(claim, evidence)
    case .clear: return recovery(claim, evidence, baseline)
    case .place(let place): return self.place(place, claim, evidence, baseline)
    }
  }

  /// An undecided finding with nothing measured.
  func finding(_ claim: Claim, samples: Int) -> Finding {
    Finding(claim, .inconclusive, confidence: claimConfidence, samples: samples)
  }

  /// A mixture with a part of the error that this claim may make.
  func mixture(part: Double = 1) -> BinomialMixture {
    BinomialMixture(confidence: 1 - (1 - claimConfidence) * part)
  }
}
