internal import SynCore

/// What a finding says about the fault, in the words of whoever injected it; the place comes from the stamps alone.
public struct Explanation: Sendable {
  private let evidence: Evidence
  private let baseline: Evidence?
  private let injected: Injected?

  /// What is said to be injected, and how often it is probed.
  public struct Injected: Sendable {
    let spec: NetemSpec
    let interval: Int64

    /// Joins the fields; nanoseconds between two probes.
    public init(_ spec: NetemSpec, interval: Int64) {
      self.spec = spec
      self.interval = interval
    }
  }

  /// Explains findings on these probes.
  public init(_ evidence: Evidence, baseline: Evidence? = nil, injected: Injected? = nil) {
    self.evidence = evidence
    self.baseline = baseline
    self.injected = injected
  }

  /// Sentences without a full stop, the most telling first; none where nothing is known beyond the numbers.
  public func words(on finding: Finding) -> [String] {
    guard !evidence.samples.isEmpty else { return [] }
    switch (finding.claim.content, finding.estimate) {
    case (.rtt(let range), .time(let value)?), (.rttP99(let range), .time(let value)?),
      (.added(let range), .time(let value)?):
      return amount(of: value, against: range, finding.verdict) + places
    case (.clear, .time(let value)?) where finding.verdict == .mismatch: return remains(value)
    case (.loss(let range), .share(let share)?): return amount(of: share, against: range, finding.verdict) + losses
    case (.place, .place(.ingress)?) where losses.isEmpty: return ["pcap-based tools do not see it there"]
    case (.rtt, _), (.rttP99, _), (.added, _), (.addedForward, _), (.addedBack, _), (.partition, _), (.place, _),
      (.clear, _), (.refused, _):
      return losses
    default: return []
    }
  }

  // MARK: How much

  private static let mostPasses = 5

  /// "measured 200 ms = 2 × 100 ms", or no delay at all.
  private func amount(of value: Int64, against range: ClaimedRange<Int64>, _ verdict: Verdict) -> [String] {
    guard verdict == .mismatch else { return [] }
    if let lower = range.lower, lower > 0, value < lower / 10 {
      return ["no delay at all: is the rule on another interface, or in another direction?"]
    }
    guard let lower = range.lower, let upper = range.upper, lower > 0 else { return [] }
    let expected = lower + (upper - lower) / 2
    for passes in 2...Explanation.mostPasses {
      let product = expected * Int64(passes)
      guard abs(value - product) <= product / 10 else { continue }
      let guess = passes == 2 ? "is it applied at both ends?" : "is it applied \(passes) times?"
      // The equation is said of what it is true of: beside it stands what was measured, to the microsecond.
      let isEqual = abs(value - product) <= product / 50
      let measured = isEqual ? "\(Explanation.text(product)) =" : "\(Explanation.text(value)), about"
      return ["measured \(measured) \(passes) × \(Explanation.text(expected)): \(guess)"]
    }
    return []
  }

  /// The loss of several passes, or none at all.
  private func amount(of share: Double, against range: ClaimedRange<Double>, _ verdict: Verdict) -> [String] {
    guard verdict == .mismatch else { return [] }
    if share >= 1 { return ["nothing is answered at all: this is a partition"] }
    if share == 0 { return ["no loss at all: is the rule on another interface, or in another direction?"] }
    guard let lower = range.lower, let upper = range.upper, lower > 0 else { return [] }
    let expected = (lower + upper) / 2
    let twice = 1 - (1 - expected) * (1 - expected)
    guard abs(share - twice) <= expected / 4 else { return [] }
    return [
      "measured \(Explanation.text(share)) = \(Explanation.text(expected)) met twice: is it applied at both ends?"
    ]
  }

  /// What is left of a fault.
  private func remains(_ value: Int64) -> [String] {
    var words: [String] = []
    if value >= ClaimJudge.smallestDelay {
      words.append("\(Explanation.text(value)) more than the baseline are left")
    }
    return words + places + losses
  }

  // MARK: Where

  /// The segments in which a delay is, with its amount where there are several.
  private var places: [String] {
    let found = Segment.allCases.compactMap { segment -> (Segment, Int64)? in
      guard let now = evidence.times({ $0.time(in: segment) }).quantile(0.5) else { return nil }
      // Without a baseline the network's own time is no delay that anyone injected.
      guard baseline != nil || segment != .network else { return nil }
      let added = now - (baseline?.times { $0.time(in: segment) }.quantile(0.5) ?? 0)
      return added >= ClaimJudge.smallestDelay ? (segment, added) : nil
    }
    if found.count > 1 {
      return [found.map { "\(Explanation.text($0.1)) in \(Explanation.name($0.0))" }.joined(separator: ", ")]
    }
    guard let segment = found.first?.0 else { return [] }
    let blindness = segment == .ingress ? ": pcap-based tools do not see it" : ""
    return ["the delay is in \(Explanation.name(segment))\(blindness)"]
  }

  /// Where probes went missing, and what came of them instead.
  private var losses: [String] {
    var words: [String] = []
    let lost = evidence.samples.filter { $0.outcome == .lost }
    let places = LossPlace.allCases.map { place in (place, lost.count { $0.place == place }) }.filter { $0.1 > 0 }
    if places.count == 1, let place = places.first?.0 {
      words.append(ways(of: lost) ?? Explanation.meaning(of: place, isAll: lost.count == evidence.samples.count))
    } else if places.count > 1 {
      words.append("lost: " + places.map { "\($0.1) in \(Explanation.name($0.0))" }.joined(separator: ", "))
    }
    if !lost.isEmpty, let cause = injected?.overflow ?? fullQueue(lost) { words.append(cause) }
    let late = evidence.samples.count(where: \.isLate)
    if late > 0 {
      words.append(
        "\(late == 1 ? "1 answer" : "\(late) answers") came after the timeout: is it shorter than the delay?")
    }
    let rejected = evidence.samples.count { $0.outcome == .filtered }
    if rejected > 0 {
      words.append(
        "\(rejected == 1 ? "1 probe was" : "\(rejected) probes were") rejected by an ICMP error, not dropped")
    }
    let blocked = evidence.samples.count { $0.outcome == .blocked && !$0.isOwnShortage }
    if blocked > 0 {
      words.append(
        "this host itself refused to send \(blocked == 1 ? "1 probe" : "\(blocked) probes"), by its firewall or its routes"
      )
    }
    return words
  }

  /// A delay and a loss in one queue: what has no room in it is dropped.
  private func fullQueue(_ lost: [Sample]) -> String? {
    let waits = evidence.times(\.egress).quantile(0.5) ?? 0
    guard waits >= ClaimJudge.smallestDelay, lost.contains(where: { $0.place == .egress }) else { return nil }
    return "there is a delay in the egress too: netem drops by itself what is more than its limit of packets"
  }

  /// Which way the network lost probes; nil where it is known of none.
  private func ways(of lost: [Sample]) -> String? {
    let forward = lost.count { $0.way == .forward }
    let back = lost.count { $0.way == .back }
    let either = lost.count - forward - back
    switch (forward, back, either) {
    case (0, 0, _): return nil
    case (_, 0, 0): return "lost on the way to the target: it repeats answers that are lost, and repeated none of these"
    case (0, _, _): return "lost on the way back: the target repeated its answer to \(back) of \(lost.count)"
    default:
      let rest = either > 0 ? ", \(either) on either" : ""
      return "lost in the network: \(forward) on the way to the target, \(back) on the way back\(rest)"
    }
  }

  private static func meaning(of place: LossPlace, isAll: Bool) -> String {
    switch place {
    case .egress: "lost in this host's egress, before the device"
    case .network: "lost in the network: sent, and no reply arrived"
    case .ingress:
      isAll
        ? "cut in one direction: every reply arrives, and this host's ingress drops it; pcap-based tools call it success"
        : "lost in this host's ingress: the replies arrive and are dropped; pcap-based tools do not see it"
    case .unknown: "lost at a place unknown: stamps are missing"
    }
  }

  // MARK: Words

  private static func name(_ segment: Segment) -> String {
    segment == .network ? "the network" : "this host's \(segment.rawValue)"
  }

  private static func name(_ place: LossPlace) -> String { place.segment.map(name) ?? "a place unknown" }

  /// To three digits: more is noise in a sentence.
  private static func text(_ nanoseconds: Int64) -> String {
    var scale: Int64 = 1
    while abs(nanoseconds) / scale >= 1000 { scale *= 10 }
    let rounded = (nanoseconds + (nanoseconds < 0 ? -scale : scale) / 2) / scale * scale
    return Duration.nanoseconds(rounded).text
  }

  private static func text(_ share: Double) -> String { RangeText.rounded(share) }
}

extension Explanation.Injected {
  /// Why netem drops by itself: more packets wait in it than its limit lets; nil while there is room.
  ///
  /// The probes alone are counted: what else passes the queue comes on top.
  fileprivate var overflow: String? {
    let perPacket = spec.delayOfOnePass - spec.delay
    if perPacket > interval {
      return "netem's rate passes fewer packets than are sent: its queue of \(spec.limit) fills, and drops by itself"
    }
    let waiting = spec.delay / max(interval, 1)
    guard waiting >= Int64(spec.limit) else { return nil }
    return "netem's limit of \(spec.limit) drops by itself: at this interval \(waiting) probes wait in its delay"
  }
}
