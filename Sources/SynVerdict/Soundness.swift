/// Whether a measurement can carry a claim at all.
struct Soundness {
  static let noBaseline = "there is no baseline: give a saved one, or a control target"

  static func missing(_ count: Int) -> String {
    "\(count) answers have no time: their kernel stamps are missing"
  }

  private let evidence: Evidence
  private let baseline: Evidence?

  init(_ evidence: Evidence, _ baseline: Evidence?) {
    self.evidence = evidence
    self.baseline = baseline
  }

  /// Why the claim cannot be judged; nil when it can.
  func objection(to claim: Claim) -> String? {
    switch claim.content {
    case .rtt, .rttP99, .jitter: return clock
    case .added: return clock ?? baselineClock
    case .loss, .duplicate, .corrupt, .reorder, .partition: return ownLimits
    case .refused: return nil
    case .clear: return ownLimits ?? clock ?? baselineClock
    case .place: return ownLimits ?? clock
    }
  }

  private var clock: String? {
    evidence.clockSteps > 0 ? "this host's clock was stepped \(Self.times(evidence.clockSteps)) meanwhile" : nil
  }

  private var baselineClock: String? {
    baseline.flatMap { $0.clockSteps > 0 ? "the clock was stepped while the baseline was measured" : nil }
  }

  private var ownLimits: String? {
    if evidence.captureDrops > 0 {
      return "this host's own buffers lost \(evidence.captureDrops) packets meanwhile: probe at a longer interval"
    }
    let short = evidence.samples.count { $0.isOwnShortage }
    return short > 0 ? "this host had no room for \(short) probes: probe at a longer interval" : nil
  }

  private static func times(_ count: UInt64) -> String { count == 1 ? "once" : "\(count) times" }
}
