internal import SynCore

extension ClaimJudge {
  /// How wide the part of the path is that is claimed to be narrow, or the narrowest.
  func rate(in range: ClaimedRange<BitRate>, _ claim: Claim, _ evidence: Evidence) -> Finding {
    let rates = evidence.rates
    var finding = finding(claim, samples: rates.probes)
    if let absence = evidence.noTrains { return finding.unsound(Objection(absence.rawValue)) }
    guard let width = width(rates) else { return unmeasured(finding, rates, evidence) }
    finding.estimate = width.estimate.map(Finding.Quantity.rate)
    finding.interval = .rate(lower: width.interval.lower, upper: width.interval.upper)
    finding.verdict = range.judge(width.interval)
    if finding.verdict == .inconclusive, rates.isPaddingDropped, width.interval.upper == nil {
      return finding.unsound(ClaimJudge.paddingDropped)
    }
    finding.isBeyondDeciding = evidence.areTrainsOver
    return finding
  }

  /// Where a place is claimed of the width, there; a segment of two ways is as wide as its narrower one.
  private func width(_ rates: PathRates) -> PathRates.Width? {
    let claimed = claims.lazy.compactMap { if case .place(let place) = $0.content { place } else { nil } }.first
    guard placesRate, let claimed else { return rates.narrowest(by: mixture()) }
    return rates.narrowest(of: RateRound.order.filter(claimed.includes), by: mixture())
  }

  /// Whether a place is claimed of the narrow part, and of nothing else.
  var placesRate: Bool { claims.contains(where: \.isOfRate) && !claims.contains { $0.isOfDelay || $0.isOfLoss } }

  /// Whether the narrowest part of the path is `place`.
  func placeOfRate(_ place: FaultPlace, _ claim: Claim, _ evidence: Evidence) -> Finding {
    let rates = evidence.rates
    var finding = finding(claim, samples: rates.probes)
    finding.isOfRate = true
    if let absence = evidence.noTrains { return finding.unsound(Objection(absence.rawValue)) }
    guard !rates.rounds.isEmpty else { return unmeasured(finding, rates, evidence) }
    finding.isBeyondDeciding = evidence.areTrainsOver
    // Each round tells of one place, or of none.
    let leaders = rates.rounds.filter { !$0.isUntold }.map(\.leader)
    let least = interval(of: leaders.map { $0.map(place.includes) ?? false }, part: 0.5, claim).lowerBound
    let most = interval(of: leaders.map { $0.map(place.includes) ?? true }, part: 0.5, claim).upperBound
    let counts = RateRound.order.map { one in (one, leaders.count { $0 == one }) }
    if let leader = counts.max(by: { $0.1 < $1.1 }), leader.1 > 0 { finding.estimate = .place(leader.0) }
    finding.verdict = least > 0.5 ? .confirmed : most < 0.5 ? .mismatch : .inconclusive
    if finding.verdict == .inconclusive, rates.isPaddingDropped { return finding.unsound(ClaimJudge.paddingDropped) }
    return finding
  }

  private static let paddingDropped = Objection(
    "SYNs with data are not answered: a firewall, or a shaper whose bucket is smaller, drops them")

  private func unmeasured(_ finding: Finding, _ rates: PathRates, _ evidence: Evidence) -> Finding {
    guard evidence.areTrainsOver else { return finding }
    return finding.unsound(Objection("too few SYNs of \(rates.trains) trains were answered in a row"))
  }
}

extension Claim {
  /// Whether it is about how wide the path is.
  public var isOfRate: Bool {
    if case .rate = content { true } else { false }
  }
}

extension ClaimJudge {
  /// How wide a place is, whatever is claimed.
  public func width(of place: FaultPlace, _ rates: PathRates) -> PathRates.Width? {
    rates.width(of: place, by: mixture())
  }
}
