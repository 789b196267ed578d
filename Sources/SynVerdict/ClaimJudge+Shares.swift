internal import SynCore

extension ClaimJudge {
  /// The share of trials in which an event happened.
  func share(of events: [Bool], in range: ClaimedRange<Double>, _ claim: Claim) -> Finding {
    let successes = events.count { $0 }
    var finding = finding(claim, samples: events.count)
    guard !events.isEmpty else { return finding }
    finding.verdict = range.judge(
      mixture(), successes: successes, of: events.count, dependence: dependence(of: events, claim))
    finding.estimate = .share(Double(successes) / Double(events.count))
    let interval = interval(of: events, part: 1, claim)
    finding.interval = .share(lower: interval.lowerBound, upper: interval.upperBound)
    return finding
  }

  /// Damaged replies: at least those whose checksum tells, at most all that were lost in the network.
  ///
  /// Damage to a header below TCP's is dropped before anyone sees it, and a damaged SYN is dropped by the target.
  func damage(in range: ClaimedRange<Double>, _ claim: Claim, _ evidence: Evidence) -> Finding {
    let seen = evidence.sent.map(\.isDamaged)
    let missed = evidence.sent.map {
      $0.isDamaged || $0.outcome == .lost && $0.place != .egress && $0.place != .ingress
    }
    var finding = finding(claim, samples: seen.count)
    guard !seen.isEmpty else { return finding }
    let least = interval(of: seen, part: 0.5, claim).lowerBound
    let most = interval(of: missed, part: 0.5, claim).upperBound
    finding.verdict = range.judge(OpenInterval(lower: least, upper: most))
    finding.estimate = .share(Double(seen.count { $0 }) / Double(seen.count))
    finding.interval = .share(lower: least, upper: most)
    return finding
  }

  /// How much of an answer may be left in what counts as silence, and how much else in what counts as refused.
  static let remainder = 0.05

  /// No answer at all: a single one refutes it, and silence confirms it once answers could hardly have been missed.
  func silence(_ claim: Claim, _ evidence: Evidence) -> Finding {
    let answered = evidence.samples.map { $0.isAnswer || $0.outcome == .unexpected || $0.isLate }
    var finding = share(of: answered, in: ClaimedRange(upper: ClaimJudge.remainder), claim)
    if answered.contains(true) { finding.verdict = .mismatch }
    return finding
  }

  /// Every probe is refused: a single open port refutes it.
  func refusal(_ claim: Claim, _ evidence: Evidence) -> Finding {
    let refused = evidence.samples.map { $0.outcome == .closed }
    var finding = share(of: refused, in: ClaimedRange(lower: 1 - ClaimJudge.remainder), claim)
    if evidence.samples.contains(where: { $0.outcome == .open }) { finding.verdict = .mismatch }
    return finding
  }

  /// How many events in a row are worth one: what they show, or what is known of the fault where that is more.
  func dependence(of events: [Bool], _ claim: Claim) -> Double {
    max(claim.dependence, SerialDependence.effect(events))
  }

  /// Where the share may lie, with `part` of the claim's error.
  func interval(of events: [Bool], part: Double, _ claim: Claim) -> ClosedRange<Double> {
    let dependence = dependence(of: events, claim)
    return mixture(part: part).interval(
      successes: Double(events.count { $0 }) / dependence, of: Double(events.count) / dependence)
  }
}
