extension NetemSpec {
  /// How the target is measured, as far as it changes what a fault looks like.
  public struct Setting: Hashable, Sendable {
    /// Where the fault sits.
    public var path: FaultPath
    /// Whether there is a baseline, against which an added delay is told from the path's own.
    public var hasBaseline: Bool
    /// Nanoseconds between the starts of two probes.
    public var interval: Int64

    /// Joins the fields.
    public init(path: FaultPath, hasBaseline: Bool, interval: Int64) {
      self.path = path
      self.hasBaseline = hasBaseline
      self.interval = interval
    }
  }

  /// What the fault must look like from here, as claims with room for chance.
  /// - Throws: `ClaimError` for a fault that cannot be seen from here.
  public func claims(_ setting: Setting) throws(ClaimError) -> [Claim] {
    if repeated(lossShare, setting.path.passes) > 0.999 {
      return [Claim(.partition)] + (setting.path.segment.map { [Claim(.place(FaultPlace($0)))] } ?? [])
    }
    var claims: [Claim] = []
    if let claim = delayClaim(setting) { claims.append(claim) }
    if let claim = jitterClaim(setting) { claims.append(claim) }
    claims += lossClaims(setting)
    if duplicate > 0 {
      // Of a packet that is lost and copied one copy is left.
      let share = repeated(duplicate * (1 - lossShare), setting.path.passes)
      claims.append(Claim(.duplicate(NetemSpec.around(share))))
    }
    if corrupt > 0, setting.path != .egress { claims.append(corruptClaim(setting)) }
    if reorder > 0 { claims.append(try reorderClaim(setting)) }
    let widths = rateClaims(setting)
    claims += widths
    guard !claims.isEmpty else {
      throw ClaimError((["the netem line injects nothing that a probe could see"] + notes).joined(separator: "; "))
    }
    if isPlaced || !widths.isEmpty, let segment = setting.path.segment {
      claims.append(Claim(.place(FaultPlace(segment))))
    }
    return claims
  }

  /// Whether there is something whose place shows: a damaged SYN left this host whole, and is missed in the network.
  private var isPlaced: Bool { delayOfOnePass >= 1_000_000 && medianShowsDelay || lossShare > 0 }

  /// Behind jitter, reordering and slots no distance of two packets is the rate's.
  private func rateClaims(_ setting: Setting) -> [Claim] {
    guard let rate, jitter == 0, reorder == 0, slotWait == 0, overhead == 0 else { return [] }
    return (try? Shaper(rate: BitRate(rate * 8), bucket: 0).claims(setting.path)) ?? []
  }

  // MARK: Times

  /// SYNs and their answers as netem's rate counts them, with Ethernet's header: from a bare RST over IPv4 to all usual
  /// options over IPv6; a SYN with those over IPv4 has 74 bytes.
  private static let frameBytes = (fewest: 54.0, usual: 74.0, most: 94.0)

  /// Nanoseconds that one pass adds, in the middle.
  var delayOfOnePass: Int64 { delay + onWire(NetemSpec.frameBytes.usual) }

  /// Nanoseconds that so many bytes take at netem's rate.
  private func onWire(_ bytes: Double) -> Int64 {
    rate.map { Int64((max(bytes + overhead, 0) / $0 * 1e9).rounded()) } ?? 0
  }

  /// Half of the packets or more are sent at once: the median says nothing of the delay.
  private var medianShowsDelay: Bool { reorder < 0.4 }

  private func delayClaim(_ setting: Setting) -> Claim? {
    let passes = Int64(setting.path.passes)
    let expected = delayOfOnePass * passes
    if slotWait > 0 { return slotClaim(setting) }
    guard expected >= 1_000_000, medianShowsDelay else { return nil }
    let shortest = (delay + onWire(NetemSpec.frameBytes.fewest)) * passes
    let longest = (delay + onWire(NetemSpec.frameBytes.most)) * passes
    // The middle of a skewed distribution lies off the delay that is written.
    let isSkewed = distribution == .pareto || distribution == .paretonormal
    let tolerance = max(expected / 10, 500_000) + (isSkewed ? jitter * passes : 0)
    if setting.hasBaseline {
      return Claim(
        .added(ClaimedRange(lower: max(shortest - tolerance, 0), upper: longest + tolerance)),
        dependence: delayDependence)
    }
    // Without a baseline the path's own time is unknown: it may be up to four fifths of the delay, but twice the delay
    // is not once. Of a short delay nothing is claimed upwards.
    let upper = expected >= 20_000_000 ? longest * 9 / 5 + (isSkewed ? tolerance : 0) : nil
    return Claim(.rtt(ClaimedRange(lower: max(shortest - tolerance, 0), upper: upper)), dependence: delayDependence)
  }

  /// From the delay alone to the longest wait for a slot behind it.
  private func slotClaim(_ setting: Setting) -> Claim? {
    let passes = Int64(setting.path.passes)
    let longest = (delay + jitter + onWire(NetemSpec.frameBytes.most) + slotWait) * passes
    guard longest >= 1_000_000 else { return nil }
    let range = ClaimedRange(
      lower: max(delay - jitter, 0) * passes, upper: longest + max(longest / 10, 500_000))
    return Claim(setting.hasBaseline ? .added(range) : .rtt(range), dependence: delayDependence)
  }

  private var delayDependence: Double { SerialDependence.effect(of: delayCorrelation) }

  private func jitterClaim(_ setting: Setting) -> Claim? {
    guard jitter >= 200_000, reorder == 0, slotWait == 0 else { return nil }
    let passes = Double(setting.path.passes).squareRoot()
    // The distance of the quartiles: of ±1 evenly spread 1, of a Gaussian 1.35; correlated draws lie closer together.
    let widest = Double(jitter) * (distribution == .uniform ? 1 : 1.35) * passes
    let narrowest = widest * ((1 - delayCorrelation) / (1 + delayCorrelation)).squareRoot()
    let lower = jitter > delay || distribution.rawValue.hasPrefix("pareto") ? 0.2 : 0.5
    return Claim(
      .jitter(ClaimedRange(lower: Int64(narrowest * lower), upper: Int64(widest * 2))), dependence: delayDependence)
  }

  // MARK: Shares

  private func lossClaims(_ setting: Setting) -> [Claim] {
    guard lossShare > 0 || corrupt > 0 else { return [] }
    let lost = repeated(lossShare, setting.path.passes)
    // A bit that is flipped in the link's header may do no harm; anywhere else the packet is refused.
    let least = 1 - (1 - lost) * (1 - repeated(corrupt * 0.7, setting.path.passes))
    let most = 1 - (1 - lost) * (1 - repeated(corrupt, setting.path.passes))
    let range = ClaimedRange(lower: NetemSpec.around(least).lower, upper: NetemSpec.around(most).upper)
    return [Claim(.loss(range), dependence: lossDependence)]
  }

  /// What is seen of the damage: from the fewest replies whose own checksum tells, to all that were lost.
  private func corruptClaim(_ setting: Setting) -> Claim {
    let most = 1 - (1 - repeated(lossShare, setting.path.passes)) * (1 - repeated(corrupt, setting.path.passes))
    return Claim(.corrupt(ClaimedRange(lower: corrupt * 0.15, upper: NetemSpec.around(most).upper)))
  }

  /// Of the packets that wait, those are overtaken behind which one is sent at once within the delay.
  ///
  /// netem sends at once with the probability `reorder`, and not before `gap` − 1 packets waited: what is overtaken of
  /// each round from one such packet to the next, over the length of the round.
  private func reorderClaim(_ setting: Setting) throws(ClaimError) -> Claim {
    guard setting.interval < delay, setting.interval > 0 else {
      throw ClaimError(
        "reordering by netem shows only in probes that are closer together than its delay of "
          + "\(ClaimedRange(lower: nil, upper: delay).text.dropFirst(2)): give a shorter interval")
    }
    // Nobody overtakes more probes than are ever sent.
    let within = min(Int((delay - 1) / setting.interval), ClaimJudge.mostProbes)
    let waiting = max(gap - 1, 0)
    var overtaken = 0.0
    var stillWaiting = 1.0
    for place in 0..<within {
      if place >= waiting { stillWaiting *= 1 - reorder }
      overtaken += stillWaiting
      if stillWaiting < 1e-9 { break }
    }
    let share = overtaken / (Double(waiting) + 1 / reorder)
    return Claim(.reorder(ClaimedRange(lower: share * 0.5, upper: min(share * 1.5 + 0.05, 1))))
  }

  // MARK: Room for chance

  /// The share that is met at least once in so many passes.
  private func repeated(_ share: Double, _ passes: Int) -> Double {
    (0..<passes).reduce(0.0) { met, _ in 1 - (1 - met) * (1 - share) }
  }

  /// A share with as much room as a few hundred probes need to tell: half of it, at least one point and at most five.
  static func around(_ share: Double) -> ClaimedRange<Double> {
    let tolerance = min(max(share / 2, 0.01), 0.05)
    return ClaimedRange(lower: max(share - tolerance, 0), upper: min(share + tolerance, 1))
  }
}
