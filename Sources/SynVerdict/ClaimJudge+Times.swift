extension ClaimJudge {
  /// A quantile of the round trips.
  func quantile(_ ratio: Double, in range: ClaimedRange<Int64>, _ claim: Claim, _ evidence: Evidence) -> Finding {
    let times = evidence.roundTrips
    let interval = times.interval(ratio, by: mixture(), dependence: claim.dependence)
    return finding(claim, times, times.quantile(ratio), interval, in: range)
  }

  /// The inter-quartile range: half of the error goes to each quartile.
  func spread(in range: ClaimedRange<Int64>, _ claim: Claim, _ evidence: Evidence) -> Finding {
    let times = evidence.roundTrips
    let first = times.interval(0.25, by: mixture(part: 0.5), dependence: claim.dependence)
    let third = times.interval(0.75, by: mixture(part: 0.5), dependence: claim.dependence)
    let difference = third - first
    let interval = OpenInterval(lower: max(difference.lower ?? 0, 0), upper: difference.upper)
    let estimate = times.quantile(0.75).flatMap { high in times.quantile(0.25).map { high - $0 } }
    return finding(claim, times, estimate, interval, in: range)
  }

  /// The shift of the median against the baseline.
  func shift(
    in range: ClaimedRange<Int64>, _ claim: Claim, _ evidence: Evidence, _ baseline: Baseline?
  ) -> Finding {
    guard let baseline else { return finding(claim, samples: 0).unsound(Soundness.noBaseline) }
    let before = baseline.evidence.roundTrips
    if baseline.isFixed, let reason = before.shortage { return finding(claim, samples: 0).unsound(reason) }
    let interval = shift(\.roundTrip, evidence, baseline, dependence: claim.dependence)
    let now = evidence.roundTrips
    // Of answers beyond the timeout there is no difference to take.
    let estimate = now.above + before.above > 0 ? nil : Shift.hodgesLehmann(now.sorted, over: before.sorted)
    return finding(claim, now, estimate, interval, in: range)
  }

  /// Where the difference of the medians of one time may lie, with `part` of the claim's error.
  ///
  /// Both intervals must hold. A baseline that is complete is looked at once, which the exact interval is for; it has
  /// two thirds of the error, since it is short more often than the measurement, which goes on until it suffices.
  func shift(
    _ time: (Sample) -> Int64?, _ evidence: Evidence, _ baseline: Baseline, part: Double = 1, dependence: Double = 1
  ) -> OpenInterval<Int64> {
    let error = (1 - claimConfidence) * part
    let before = baseline.evidence.times(time)
    let then =
      baseline.isFixed
      ? before.savedInterval(confidence: 1 - error * 2 / 3)
      : before.interval(0.5, by: mixture(part: part / 2), dependence: 1)
    let now = evidence.times(time).interval(
      0.5, by: mixture(part: baseline.isFixed ? part / 3 : part / 2), dependence: dependence)
    return now - then
  }

  private func finding(
    _ claim: Claim, _ times: Times, _ estimate: Int64?, _ interval: OpenInterval<Int64>, in range: ClaimedRange<Int64>
  ) -> Finding {
    var finding = finding(claim, samples: times.values.count)
    finding.verdict = times.values.isEmpty ? .inconclusive : range.judge(interval)
    finding.estimate = estimate.map { .time($0) }
    finding.interval = .time(lower: interval.lower, upper: interval.upper)
    return finding
  }
}
