internal import SynCore

/// What a run shows of lost, copied and damaged packets beyond its baseline.
struct NetemShares {
  /// The fault that they make.
  private(set) var spec = NetemSpec()
  /// Its numbers.
  private(set) var parameters: [NetemLine.Parameter] = []
  /// Where probes were lost, and that they were; nil where none was.
  private(set) var side: (place: FaultPlace, what: String)?

  /// The errors of all parameters of a line together.
  private static let mixture = BinomialMixture(confidence: 1 - 0.05 / 6)
  /// Of the bits of an answer, those whose damage TCP's own checksum tells: 40 bytes of 74; of the rest some do no harm.
  private static let tellingBits = (least: 0.45, usual: 0.54, most: 0.62)
  /// Of what is lost, the part that lies in one place at least.
  private static let inOnePlace = 0.8
  /// Of what is lost in the network, the part that is known to be lost on one way at least.
  private static let knownWay = 0.65

  init(_ evidence: Evidence, _ baseline: Evidence) throws(NetemIdentification.Misfit) {
    try NetemShares.checkOutcomes(evidence, baseline)
    let damaged = try takeDamage(evidence, baseline)
    try takeLoss(evidence, baseline, beside: damaged)
    let copies = NetemShares.excess(evidence.answers.map(\.isCopied), over: baseline.answers.map(\.isCopied))
    if let copies {
      spec.duplicate = copies.estimate
      add(.duplicate, copies)
    }
  }

  /// What no line of netem brings about.
  private static func checkOutcomes(
    _ evidence: Evidence, _ baseline: Evidence
  ) throws(NetemIdentification.Misfit) {
    for (outcome, words) in [
      (ProbeOutcome.Kind.blocked, "this host itself refused to send probes"),
      (.filtered, "probes are rejected by ICMP errors"),
    ] {
      let isSo = { (sample: Sample) in sample.outcome == outcome && !sample.isOwnShortage }
      if excess(evidence.samples.map(isSo), over: baseline.samples.map(isSo)) != nil { throw .other(words) }
    }
    let isRefused = { (sample: Sample) in sample.outcome == .closed }
    if excess(evidence.answers.map(isRefused), over: baseline.answers.map(isRefused)) != nil {
      throw .other("the port refuses")
    }
  }

  /// A share beyond that of the baseline.
  private struct Excess {
    let estimate: Double
    let interval: ClosedRange<Double>
  }

  /// By how much a share is larger than the baseline's; nil where that may be chance.
  private static func excess(_ events: [Bool], over before: [Bool], dependence: Double? = nil) -> Excess? {
    let dependence = dependence ?? SerialDependence.effect(events)
    let now = interval(events, dependence)
    let then = before.isEmpty ? 0...0 : interval(before, SerialDependence.effect(before))
    let least = before.contains(true) ? then.upperBound : 0
    let share = Double(events.count { $0 }) / Double(max(events.count, 1))
    let usual = Double(before.count { $0 }) / Double(max(before.count, 1))
    guard now.lowerBound > least else { return nil }
    return Excess(
      estimate: max((share - usual) / max(1 - usual, 1e-9), 0),
      interval: max(now.lowerBound - least, 0)...max(now.upperBound - (before.contains(true) ? then.lowerBound : 0), 0))
  }

  private static func interval(_ events: [Bool], _ dependence: Double) -> ClosedRange<Double> {
    mixture.interval(successes: Double(events.count { $0 }) / dependence, of: Double(events.count) / dependence)
  }

  private mutating func add(_ name: NetemLine.Parameter.Name, _ share: Excess) {
    parameters.append(
      NetemLine.Parameter(
        name: name, estimate: .share(share.estimate),
        interval: .share(lower: share.interval.lowerBound, upper: min(share.interval.upperBound, 1))))
  }

  /// - Returns: The share of packets that were damaged, seen as such or lost by it.
  private mutating func takeDamage(
    _ evidence: Evidence, _ baseline: Evidence
  ) throws(NetemIdentification.Misfit) -> Double {
    guard let seen = NetemShares.excess(evidence.sent.map(\.isDamaged), over: baseline.sent.map(\.isDamaged)) else {
      return 0
    }
    let bits = NetemShares.tellingBits
    guard seen.interval.lowerBound <= bits.most else {
      throw .other("more answers have a wrong checksum than netem's corrupt brings about")
    }
    let damage = Excess(
      estimate: min(seen.estimate / bits.usual, 1),
      interval: min(seen.interval.lowerBound / bits.most, 1)...min(seen.interval.upperBound / bits.least, 1))
    spec.corrupt = damage.estimate
    add(.corrupt, damage)
    return damage.estimate
  }

  private mutating func takeLoss(
    _ evidence: Evidence, _ baseline: Evidence, beside damage: Double
  ) throws(NetemIdentification.Misfit) {
    let lost = evidence.sent.map { $0.outcome == .lost }
    let before = baseline.sent.map { $0.outcome == .lost }
    guard let loss = NetemShares.excess(lost, over: before) else { return }
    side = try NetemShares.place(evidence.sent.filter { $0.outcome == .lost }).map { ($0, "a loss") }
    // What is damaged is lost, but for what was flipped where nobody looks.
    if damage > 0 {
      let left = NetemShares.interval(lost, SerialDependence.effect(lost)).lowerBound - damage
      guard left > 0 else { return }
    }
    guard damage == 0, NetemShares.comesInBursts(lost), loss.estimate < 0.95 else {
      let rest = max(loss.estimate - damage, 0)
      spec.loss = .random(rest, correlation: 0)
      return add(
        .loss, Excess(estimate: rest, interval: max(loss.interval.lowerBound - damage, 0)...loss.interval.upperBound))
    }
    try takeBursts(lost)
  }

  /// Whether a loss follows on a loss more often than chance brings about once in two thousand runs.
  private static func comesInBursts(_ lost: [Bool]) -> Bool { RunsTest.chance(lost) < 0.0005 }

  /// Gilbert's chain: how often a loss begins, and how often it ends.
  private mutating func takeBursts(_ lost: [Bool]) throws(NetemIdentification.Misfit) {
    let pairs = Array(zip(lost, lost.dropFirst()))
    let begins = pairs.filter { !$0.0 }.map(\.1)
    let ends = pairs.filter(\.0).map { !$0.1 }
    guard begins.count > 20, ends.count > 20 else { throw .bursts }
    guard NetemShares.hasNoLongerMemory(lost) else { throw .bursts }
    let (p, r) = (NetemShares.transition(begins), NetemShares.transition(ends))
    spec.loss = .gemodel(p: p.estimate, r: r.estimate, lossInBad: 1, lossInGood: 0)
    add(.lossP, p)
    add(.lossR, r)
  }

  private static func transition(_ events: [Bool]) -> Excess {
    Excess(
      estimate: Double(events.count { $0 }) / Double(max(events.count, 1)), interval: interval(events, 1))
  }

  /// Whether a loss behind a loss is as likely whatever was before: else no chain of two states makes it.
  private static func hasNoLongerMemory(_ lost: [Bool]) -> Bool {
    let triples = zip(zip(lost, lost.dropFirst()), lost.dropFirst(2)).filter { $0.0.1 }
    let behindOne = triples.filter { !$0.0.0 }.map(\.1)
    let behindTwo = triples.filter(\.0.0).map(\.1)
    guard behindOne.count > 5, behindTwo.count > 5 else { return true }
    return interval(behindOne, 1).overlaps(interval(behindTwo, 1))
  }

  /// The place of most of what was lost.
  private static func place(_ lost: [Sample]) throws(NetemIdentification.Misfit) -> FaultPlace? {
    let counts = Segment.allCases.map { segment in (segment, lost.count { $0.place?.segment == segment }) }
    let known = counts.reduce(0) { $0 + $1.1 }
    guard known > 0, let leader = counts.max(by: { $0.1 < $1.1 }) else { return nil }
    guard Double(leader.1) >= inOnePlace * Double(known) else {
      throw .places(counts.filter { $0.1 > 0 }.map { "a loss in \($0.0.rawValue)" })
    }
    let (forward, back) = (lost.count { $0.way == .forward }, lost.count { $0.way == .back })
    // A repetition may be lost as its answer was: of some nobody knows the way.
    for (way, count) in [(FaultPlace.forward, forward), (.back, back)] where leader.0 == .network {
      let isMost = Double(count) >= knownWay * Double(known)
      if isMost, Double(count) >= inOnePlace * Double(forward + back) { return way }
    }
    return FaultPlace(leader.0)
  }
}
