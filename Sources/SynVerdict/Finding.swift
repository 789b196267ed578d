/// What became of one claim, and on what grounds.
public struct Finding: Hashable, Sendable {
  /// Something that was measured.
  public enum Quantity: Hashable, Sendable {
    /// Nanoseconds.
    case time(Int64)
    /// 0 to 1.
    case share(Double)
    /// How wide it is.
    case rate(BitRate)
    /// Where it is.
    case place(FaultPlace)
  }

  /// Where the true value may lie, at the finding's confidence; an end is absent where the probes say nothing of it.
  public enum Interval: Hashable, Sendable {
    /// Nanoseconds.
    case time(lower: Int64?, upper: Int64?)
    /// 0 to 1.
    case share(lower: Double, upper: Double)
    /// A width.
    case rate(lower: BitRate?, upper: BitRate?)
  }

  /// The claim.
  public let claim: Claim
  /// What the probes say to it.
  public var verdict: Verdict
  /// The best single value.
  public var estimate: Quantity?
  /// Where the true value may lie.
  public var interval: Interval?
  /// Of this claim alone: so many claims share the error that is allowed in all (Bonferroni).
  public let confidence: Double
  /// Probes that were judged.
  public var samples: Int
  /// Of the claim `clear`: the probes that a healthy path would not have had.
  public var disturbance: Disturbance?
  /// Of the claim `where`: nothing is lost, and so nowhere.
  public var isNothingLost = false
  /// Of the claim `where`: it is about the narrow part of the path.
  public var isOfRate = false
  /// Why nothing that was measured could decide; nil for a sound measurement.
  public var unsoundness: String?
  /// Whether no further probe can mend that.
  public var isBeyondDeciding = false

  /// Probes that were lost, late, copied, damaged, overtaken, refused or slower than any before.
  public struct Disturbance: Hashable, Sendable {
    /// Their share, 0 to 1.
    public var share: Double
    /// Where the true share may lie.
    public var interval: ClosedRange<Double>
    /// What is allowed: the baseline's own share, and a little.
    public var allowed: Double
    /// Whether the verdict is theirs, and not the round trip's.
    public var decides: Bool
  }

  init(_ claim: Claim, _ verdict: Verdict, confidence: Double, samples: Int) {
    self.claim = claim
    self.verdict = verdict
    self.confidence = confidence
    self.samples = samples
  }

  /// The same, undecided for a reason.
  func unsound(_ objection: Objection) -> Finding {
    var finding = self
    finding.verdict = .inconclusive
    finding.unsoundness = objection.reason
    finding.isBeyondDeciding = objection.isLasting
    return finding
  }
}

/// Why a measurement cannot carry a claim.
struct Objection: Error, Hashable, Sendable {
  let reason: String
  /// Whether further probes would leave it as it is.
  let isLasting: Bool

  init(_ reason: String, isLasting: Bool = true) {
    self.reason = reason
    self.isLasting = isLasting
  }
}

extension Verdict {
  /// The worst of several: a mismatch before an open question, that before a confirmation.
  public static func worst(_ verdicts: [Verdict]) -> Verdict {
    if verdicts.contains(.mismatch) { return .mismatch }
    return verdicts.isEmpty || verdicts.contains(.inconclusive) ? .inconclusive : .confirmed
  }
}
