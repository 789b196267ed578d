extension ClaimJudge {
  /// More than this nobody would send for one claim.
  static let mostProbes = 50_000

  /// How many probes beyond these would decide a claim, if they go on as they went so far; nil where none would.
  ///
  /// The probes are repeated in their order until the claim is decided. Two digits are given: it is an estimate.
  public func furtherProbes(deciding claim: Claim, _ evidence: Evidence, baseline: Baseline? = nil) -> Int? {
    let count = evidence.samples.count
    guard count > 0, !claim.isOfOneWay, !isOfTrains(claim) else { return nil }
    let isDecided = { (total: Int) in
      let repeated = repeated(evidence, to: total)
      let growing = baseline.map { known in
        let others = known.evidence.samples.count * total / count
        return known.isFixed ? known : Baseline(self.repeated(known.evidence, to: others), isFixed: false)
      }
      return judge(claim, alone: repeated, growing).verdict != .inconclusive
    }
    var enough = count
    while !isDecided(enough) {
      guard enough < ClaimJudge.mostProbes else { return nil }
      enough = min(enough * 2, ClaimJudge.mostProbes)
    }
    var few = max(enough / 2, count)
    while enough - few > max(enough / 50, 1) {
      let middle = (few + enough) / 2
      if isDecided(middle) { enough = middle } else { few = middle }
    }
    return ClaimJudge.rounded(max(enough - count, 1))
  }

  /// Whether trains tell of the claim, and probes do not.
  private func isOfTrains(_ claim: Claim) -> Bool {
    if case .place = claim.content { return placesRate }
    return claim.isOfRate
  }

  /// The probes of a sound measurement that goes as this one did.
  private func repeated(_ evidence: Evidence, to total: Int) -> Evidence {
    guard !evidence.samples.isEmpty else { return Evidence() }
    return Evidence((0..<total).map { evidence.samples[$0 % evidence.samples.count] })
  }

  private static func rounded(_ count: Int) -> Int {
    var scale = 1
    while count / scale >= 100 { scale *= 10 }
    return (count + scale - 1) / scale * scale
  }
}
