internal import SynCore

/// Whether a measurement can carry a claim at all.
struct Soundness {
  static let noBaseline = Objection("there is no baseline: give a saved one, or a control target")

  static func missing(_ count: Int) -> Objection {
    Objection("\(count) answers have no time: their kernel stamps are missing")
  }

  private let evidence: Evidence
  private let baseline: Evidence?
  private let steadiness: Steadiness
  /// Why the control target is no measure for anything; nil without one.
  private let controlObjection: Objection?

  init(_ evidence: Evidence, _ baseline: ClaimJudge.Baseline?, _ mixture: BinomialMixture) {
    self.evidence = evidence
    self.baseline = baseline?.evidence
    let steadiness = Steadiness(mixture: mixture)
    self.steadiness = steadiness
    controlObjection = baseline.flatMap { known in
      known.isFixed ? nil : Soundness.objection(toControl: known.evidence, steadiness)
    }
  }

  /// Why the claim cannot be judged so; nil when it can.
  func objection(to finding: Finding) -> Objection? {
    controlObjection ?? objection(to: finding.claim) ?? (finding.verdict == .mismatch ? nil : drift(finding.claim))
  }

  private func objection(to claim: Claim) -> Objection? {
    switch claim.content {
    case .rtt, .rttP99, .jitter: clock
    case .added, .addedForward, .addedBack: clock ?? baselineClock
    case .loss: ownLimits ?? refusal
    case .corrupt: blindness ?? ownLimits ?? refusal
    case .duplicate, .reorder: blindness ?? ownLimits
    case .partition: ownLimits
    case .refused, .rate: nil
    case .clear: ownLimits ?? clock ?? baselineClock
    case .place: ownLimits ?? clock
    }
  }

  // MARK: This host

  private var clock: Objection? {
    guard evidence.clockSteps > 0 else { return nil }
    return Objection("this host's clock was stepped \(Self.times(evidence.clockSteps)) meanwhile")
  }

  private var baselineClock: Objection? {
    guard let baseline, baseline.clockSteps > 0 else { return nil }
    return Objection("the clock was stepped while the baseline was measured")
  }

  private var blindness: Objection? {
    guard evidence.isByKernel else { return nil }
    return Objection("mode connect sees no packet: copies, damaged and overtaken answers are not counted there")
  }

  private var ownLimits: Objection? {
    if evidence.captureDrops > 0 {
      return Objection(
        "this host's own buffers lost \(evidence.captureDrops) packets meanwhile: probe at a longer interval")
    }
    let short = evidence.samples.count { $0.isOwnShortage }
    guard short > 0 else { return nil }
    return Objection("this host had no room for \(short) probes: probe at a longer interval")
  }

  /// A claim of the network that was hardly asked; of what this host refuses, `partition` tells.
  private var refusal: Objection? {
    let refused = evidence.samples.count { $0.outcome == .blocked }
    guard Double(refused) > ClaimJudge.clearRemainder * Double(evidence.samples.count) else { return nil }
    return Objection(
      "this host itself refused to send \(refused) of \(evidence.samples.count) probes, by its firewall or its routes: "
        + "that is no loss of the network, and the rest says little of it")
  }

  private static func times(_ count: UInt64) -> String { count == 1 ? "once" : "\(count) times" }

  // MARK: What changed

  /// A control target is there to show what does not change: when it does, nobody knows what the target's change means.
  private static func objection(toControl control: Evidence, _ steadiness: Steadiness) -> Objection? {
    let missed = control.samples.map { !$0.isAnswer }
    let count = missed.count { $0 }
    let least = steadiness.mixture.interval(successes: Double(count), of: Double(missed.count)).lowerBound
    if least > ClaimJudge.clearRemainder {
      return Objection(
        "the control target itself left \(count) of \(missed.count) probes without an answer: it is affected too")
    }
    let times = control.roundTrips
    guard let change = steadiness.change(of: times, beyond: ClaimJudge.smallestDelay) else { return nil }
    return Objection(
      "the control target itself moved, from \(Self.text(change.before)) to \(Self.text(change.after))")
  }

  /// A fault that began or ended meanwhile is neither there nor gone.
  private func drift(_ claim: Claim) -> Objection? {
    switch claim.content {
    case .rtt, .rttP99, .added, .addedForward, .addedBack, .jitter, .clear:
      let times = evidence.roundTrips
      let tolerance = max(ClaimJudge.smallestDelay, (times.quantile(0.5) ?? 0) / 10)
      return steadiness.change(of: times, beyond: tolerance, dependence: claim.dependence).map { change in
        Objection(
          "the round trip changed meanwhile, from \(Self.text(change.before)) to \(Self.text(change.after))",
          isLasting: false)
      }
    case .loss:
      let lost = evidence.samples.map { $0.outcome == .lost }
      let dependence = max(claim.dependence, SerialDependence.effect(lost))
      return steadiness.change(of: lost, dependence: dependence).map { change in
        Objection(
          "the loss changed meanwhile, from \(RangeText.rounded(change.before)) to \(RangeText.rounded(change.after))",
          isLasting: false)
      }
    case .duplicate, .corrupt, .reorder, .rate, .partition, .refused, .place: return nil
    }
  }

  private static func text(_ nanoseconds: Int64) -> String {
    Duration.nanoseconds(nanoseconds).millisecondsText + " ms"
  }
}
