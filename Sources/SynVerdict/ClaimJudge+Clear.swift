internal import SynCore

extension ClaimJudge {
  /// Probes that may be disturbed beyond the baseline's own: less than this no fault leaves behind that matters.
  static let clearRemainder = 0.02

  /// The fault is over: the median is where it was, and hardly a probe is lost, copied, damaged, overtaken or slow.
  ///
  /// Half of the error goes to each of the two.
  func recovery(_ claim: Claim, _ evidence: Evidence, _ baseline: Baseline?) -> Finding {
    var finding = finding(claim, samples: evidence.samples.count)
    guard let baseline else { return finding.unsound(Soundness.noBaseline) }
    let before = baseline.evidence.roundTrips
    guard let median = before.quantile(0.5), let slowest = before.sorted.last, let fastest = before.sorted.first else {
      return finding.unsound(
        Objection("no probe of the baseline was answered: there is nothing to return to", isLasting: baseline.isFixed))
    }
    if baseline.isFixed, let reason = before.shortage { return finding.unsound(reason) }
    let now = evidence.roundTrips
    if now.missing > 0 { return finding.unsound(Soundness.missing(now.missing)) }
    let tolerance = max(ClaimJudge.smallestDelay, median / 10)
    let shift = shift(\.roundTrip, evidence, baseline, part: 0.5, dependence: claim.dependence)
    // A probe is slow beyond the baseline's slowest by as much as the baseline itself varies.
    let bound = slowest + max(tolerance, slowest - fastest)
    // A port that was open and now refuses is not as before, however quickly it does.
    let answers = baseline.evidence.answers
    let usual = answers.count { $0.outcome == .closed } * 2 > answers.count ? ProbeOutcome.Kind.closed : .open
    let disturbed = evidence.samples.map { $0.isDisturbed(beyond: bound, from: usual) }
    let usually = baseline.evidence.samples.count { $0.isDisturbed(beyond: bound, from: usual) }
    let allowed = Double(usually) / Double(baseline.evidence.samples.count) + ClaimJudge.clearRemainder
    let verdicts = [
      ClaimedRange(lower: -tolerance, upper: tolerance).judge(shift),
      ClaimedRange(upper: min(allowed, 1)).judge(
        mixture(part: 0.5), successes: disturbed.count { $0 }, of: disturbed.count,
        dependence: dependence(of: disturbed, claim)),
    ]
    finding.verdict = evidence.samples.isEmpty ? .inconclusive : .worst(verdicts)
    if !disturbed.isEmpty {
      // Of two that are open the share needs more probes; of two that are refuted the time says more.
      let decides =
        verdicts[1] == finding.verdict && (verdicts[0] != finding.verdict || finding.verdict == .inconclusive)
      finding.disturbance = Finding.Disturbance(
        share: Double(disturbed.count { $0 }) / Double(disturbed.count),
        interval: interval(of: disturbed, part: 0.5, claim),
        allowed: min(allowed, 1), decides: decides)
    }
    finding.estimate = Shift.hodgesLehmann(now.sorted, over: before.sorted).map { .time($0) }
    finding.interval = .time(lower: shift.lower, upper: shift.upper)
    return finding
  }
}

extension Sample {
  /// Whether this is not what a healthy path does.
  fileprivate func isDisturbed(beyond bound: Int64, from usual: ProbeOutcome.Kind) -> Bool {
    outcome != usual || isCopied || isDamaged || isOvertaken || (roundTrip ?? 0) > bound
  }
}
