internal import SynCore

extension ClaimJudge {
  /// What is less than this, nanoseconds, is no delay that anyone injected.
  static let smallestDelay: Int64 = 500_000

  /// After so many answers without a stamp there will be none on the next.
  static let fewestWithoutStamps = 20

  /// Whether the added delay, the loss, or both, sit at `place`: whichever the other claims are about, or what there is.
  func place(_ place: FaultPlace, _ claim: Claim, _ evidence: Evidence, _ baseline: Baseline?) -> Finding {
    if placesRate { return placeOfRate(place, claim, evidence) }
    let missed = evidence.samples.filter { $0.outcome == .lost || $0.outcome == .blocked }
    let looksAtLoss = claims.contains(where: \.isOfLoss) || !claims.contains(where: \.isOfDelay) && missed.count > 2
    let looksAtDelay = claims.contains(where: \.isOfDelay) || !looksAtLoss
    var findings: [Finding] = []
    if looksAtLoss { findings.append(placeOfLoss(place, claim, missed, evidence)) }
    if looksAtDelay { findings.append(placeOfDelay(place, claim, evidence, baseline)) }
    guard var finding = findings.first else { return self.finding(claim, samples: 0) }
    let isOver = isPartitionAlone && evidence.samples.contains(where: \.isAnswer)
    finding.verdict = .worst(findings.map(\.verdict))
    finding.unsoundness = findings.lazy.compactMap(\.unsoundness).first
    finding.isNothingLost = finding.verdict == .mismatch && findings.contains(where: \.isNothingLost)
    finding.isBeyondDeciding = findings.contains(where: \.isBeyondDeciding)
    if isOver, !looksAtDelay, finding.verdict == .inconclusive {
      // There is no partition, and so no place of one; of what is lost all the same nobody has claimed anything.
      finding.isBeyondDeciding = true
      if missed.isEmpty { (finding.verdict, finding.isNothingLost) = (.mismatch, true) }
    }
    if let other = findings.last(where: { $0.verdict == finding.verdict }) { finding.estimate = other.estimate }
    finding.samples = evidence.samples.count
    return finding
  }

  /// Whether the place is claimed of a partition, and of no other loss.
  private var isPartitionAlone: Bool {
    claims.contains { $0.content == .partition }
      && !claims.contains { if case .loss = $0.content { true } else { false } }
  }

  // MARK: Loss

  /// Most of what was lost was lost there; what was lost nobody knows where counts against either verdict.
  private func placeOfLoss(
    _ place: FaultPlace, _ claim: Claim, _ missed: [Sample], _ evidence: Evidence
  ) -> Finding {
    var finding = finding(claim, samples: missed.count)
    guard !missed.isEmpty else {
      let count = evidence.samples.count
      let most = interval(of: Array(repeating: false, count: count), part: 0.5, claim).upperBound
      guard count > 0, most < ClaimJudge.clearRemainder else { return finding }
      finding.verdict = .mismatch  // Nothing is lost anywhere.
      finding.isNothingLost = true
      return finding
    }
    let least = interval(of: missed.map { $0.wasLost(at: place) == true }, part: 0.5, claim).lowerBound
    let most = interval(of: missed.map { $0.wasLost(at: place) != false }, part: 0.5, claim).upperBound
    finding.verdict = least > 0.5 ? .confirmed : most < 0.5 ? .mismatch : .inconclusive
    // A way through the network is named only to whoever asks for one.
    let places = FaultPlace.allCases.filter { place.way == nil ? $0.way == nil : $0 != .network }
    let counts = places.map { one in (one, missed.count { $0.wasLost(at: one) == true }) }
    if let leader = counts.max(by: { $0.1 < $1.1 }), leader.1 > 0 { finding.estimate = .place(leader.0) }
    if place.way != nil, finding.verdict == .inconclusive, let reason = evidence.undecided {
      return finding.unsound(Objection(reason.description, isLasting: reason.isLasting))
    }
    return finding
  }

  // MARK: Delay

  /// More was added there than in the two other segments together.
  ///
  /// Without a baseline the whole of each segment's time counts as added: of this host's own two it is, but for
  /// microseconds; of the network's only beside a claim on the round trip, which then is about the whole too.
  private func placeOfDelay(
    _ place: FaultPlace, _ claim: Claim, _ evidence: Evidence, _ baseline: Baseline?
  ) -> Finding {
    let segment = place.segment
    var finding = finding(claim, samples: evidence.answers.count)
    if let baseline, !evidence.answers.isEmpty, baseline.evidence.times({ $0.time(in: segment) }).values.isEmpty {
      return finding.unsound(
        Objection("the baseline has no stamps that tell where its time went", isLasting: baseline.isFixed))
    }
    if !evidence.answers.isEmpty, evidence.times({ $0.time(in: segment) }).values.isEmpty {
      return finding.unsound(
        Objection(
          "no answer has the stamps that tell where its time went: mode syn takes them",
          isLasting: evidence.answers.count >= ClaimJudge.fewestWithoutStamps))
    }
    // Half of the error is the way's, where one is claimed.
    let part = (place.way == nil ? 1 : 0.5) / Double(Segment.allCases.count)
    let added = Segment.allCases.map { one in
      (one, delay(in: one, evidence, baseline, part: part, dependence: claim.dependence))
    }
    let leader = added.first { holdsMost($0.0, of: added) }?.0
    if leader == .network, baseline == nil, !claims.contains(where: \.isOfDelay) {
      return finding.unsound(
        Objection(
          "without a baseline nobody knows how much of the network's time was added: give one, or a control target"))
    }
    if let leader {
      if leader == .network, let way = place.way { return self.place(way, finding, evidence, baseline) }
      finding.verdict = leader == segment ? .confirmed : .mismatch
      finding.estimate = .place(FaultPlace(leader))
    } else if added.allSatisfy({ ($0.1.upper ?? .max) < ClaimJudge.smallestDelay }) {
      finding.verdict = .mismatch  // Nothing is added anywhere.
    }
    return finding
  }

  /// A delay that is in the network, by the way that is claimed.
  private func place(_ way: LossWay, _ finding: Finding, _ evidence: Evidence, _ baseline: Baseline?) -> Finding {
    var finding = finding
    do throws(Objection) {
      guard let leader = try leadingWay(evidence, baseline, part: 0.5) else { return finding }
      finding.verdict = leader.way == way ? .confirmed : .mismatch
      finding.estimate = .place(leader)
      return finding
    } catch { return finding.unsound(error) }
  }

  /// With a part of the error for each segment: all three intervals must hold.
  private func delay(
    in segment: Segment, _ evidence: Evidence, _ baseline: Baseline?, part: Double, dependence: Double
  ) -> OpenInterval<Int64> {
    let time = { (sample: Sample) in sample.time(in: segment) }
    if let baseline { return shift(time, evidence, baseline, part: part, dependence: dependence) }
    return evidence.times(time).interval(0.5, by: mixture(part: part), dependence: dependence)
  }

  private func holdsMost(_ segment: Segment, of added: [(Segment, OpenInterval<Int64>)]) -> Bool {
    guard let least = added.first(where: { $0.0 == segment })?.1.lower, least >= ClaimJudge.smallestDelay else {
      return false
    }
    var others: Int64 = 0
    for (other, interval) in added where other != segment {
      guard let most = interval.upper else { return false }
      others += max(most, 0)
    }
    return least > others
  }
}

extension Claim {
  /// Whether it is about lost probes.
  package var isOfLoss: Bool {
    switch content {
    case .loss, .partition: true
    default: false
    }
  }

  /// Whether it is about a delay.
  package var isOfDelay: Bool {
    switch content {
    case .rtt, .rttP99, .added, .addedForward, .addedBack, .jitter: true
    default: false
    }
  }
}

extension [Claim] {
  /// Whether a way through the network is claimed of a loss, and not of a delay alone.
  package var tellDirectionOfLoss: Bool {
    contains(where: \.needsDirection) && (contains(where: \.isOfLoss) || !contains { $0.isOfDelay || $0.isOfRate })
  }
}

extension Sample {
  /// Whether a probe that went missing did so there; nil where nobody knows.
  func wasLost(at place: FaultPlace) -> Bool? {
    guard let segment else { return nil }
    guard segment == place.segment else { return false }
    return place.way.map { wanted in way.map { $0 == wanted } } ?? true
  }

  /// Where a probe went missing; what this host refused to send went missing on its way out.
  var segment: Segment? {
    outcome == .blocked ? .egress : place?.segment
  }
}

extension LossPlace {
  /// The segment of that name; nil where nobody knows.
  var segment: Segment? { Segment(rawValue: rawValue) }
}
