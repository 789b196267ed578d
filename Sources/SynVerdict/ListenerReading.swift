public import SynCore

/// What is known of a target's listener: whether it answers, and where it does not, whether its host does at another port.
public struct ListenerTrail: Hashable, Sendable {
  private struct Ended: Hashable, Sendable {
    let at: MonotonicInstant
    let isAnswered: Bool
  }

  /// The latest probes, as they ended.
  private var probes: [Ended] = []
  private(set) var siblings: [SiblingAnswer] = []
  /// Of the port's own answers; nil before the first.
  private(set) var own: Own?

  /// How far the port's own answers come from.
  struct Own: Hashable, Sendable {
    let hopLimit: UInt8
    let leastRoundTrip: Duration
  }

  private static let mostProbes = 1_024
  private static let mostSiblings = 256

  /// Begins with nothing.
  public init() {}

  /// Adds an event of the series.
  public mutating func add(_ event: ProbeEvent) {
    switch event {
    case .probe(let result): add(result)
    case .sibling(let answer):
      if siblings.count >= Self.mostSiblings { siblings.removeFirst() }
      siblings.append(answer)
    case .started, .path, .report, .witness, .train, .noTrains, .packet, .dropped, .failed, .ended: break
    }
  }

  private mutating func add(_ result: ProbeResult) {
    let isAnswered = result.outcome.isAnswer
    guard isAnswered || result.outcome == .lost(.network) else { return }
    if probes.count >= Self.mostProbes { probes.removeFirst(Self.mostProbes / 2) }
    probes.append(Ended(at: result.submitted, isAnswered: isAnswered))
    if let reply = result.reply, let time = result.observation.network ?? result.observation.roundTrip {
      own = Own(hopLimit: reply.hopLimit, leastRoundTrip: min(time, own?.leastRoundTrip ?? time))
    }
  }

  /// Whether any of the latest probes was answered.
  var hasAnswered: Bool { probes.contains(where: \.isAnswered) }

  /// Whether the port was silent at this moment, and not by chance: of all the losses that there were, none would have
  /// grown into so many in a row by what is lost beside them.
  func isSilent(at moment: MonotonicInstant, refusals: Int) -> Bool {
    let inOrder = probes.sorted { $0.at < $1.at }
    let before = inOrder.prefix { $0.at <= moment }.reversed().prefix { !$0.isAnswered }.count
    guard before > 0 else { return false }
    let run = before + inOrder.drop { $0.at <= moment }.prefix { !$0.isAnswered }.count
    let lostBeside = inOrder.count { !$0.isAnswered } - run
    let share = ShareBound.middle(lostBeside, of: inOrder.count - run + refusals)
    let onsets = inOrder.split(whereSeparator: \.isAnswered).count
    return (0..<(run - 1)).reduce(Double(onsets)) { chance, _ in chance * share } < Self.chance
  }

  private static let chance = 0.05
}

/// What the trail says of the listener.
public struct ListenerReading: Hashable, Sendable {
  /// Of the port that was probed.
  public enum State: String, CaseIterable, Hashable, Sendable {
    /// It answers, at least some of the probes.
    case answers
    /// Its host answers at another port, and it does not.
    case silent
    /// Neither it nor another port of its address answers: that proves nothing.
    case unknown
  }

  /// Whether it answers.
  public let state: State
  /// The other port that was asked; nil where none answered.
  public let sibling: UInt16?
  /// In words, a sentence without a full stop.
  public let meaning: String

  /// A host's answer from so many hops nearer is not the host's.
  private static let fewestHops = 1

  /// Reads a trail; nil where the port never fell silent.
  /// - Parameters:
  ///   - trail: The events of the series.
  ///   - port: The port that was probed.
  public init?(_ trail: ListenerTrail, port: UInt16) {
    guard !trail.siblings.isEmpty else { return nil }
    let refusals = trail.siblings.filter { $0.outcome == .closed || $0.outcome == .open }
    let asked = refusals.isEmpty ? trail.siblings : refusals
    let silence = asked.last { trail.isSilent(at: $0.submitted, refusals: refusals.count) }
    if silence == nil, trail.hasAnswered {
      state = .answers
      sibling = refusals.last?.port
      meaning = "port \(port) answers some of the probes"
      return
    }
    guard let refusal = silence, !refusals.isEmpty else {
      state = .unknown
      sibling = refusals.last?.port
      let ports = Set(trail.siblings.map(\.port)).count
      meaning =
        refusals.isEmpty
        ? "\(ports == 1 ? "another port" : "\(ports) other ports") of the host stayed silent too, which proves nothing:"
          + " the host may be away, or a filter drop what is sent to closed ports"
        : "too few probes tell whether port \(port) is silent: another port of the host answers"
      return
    }
    sibling = refusal.port
    if let nearer = ListenerReading.nearer(refusal, trail) {
      state = .unknown
      meaning = "port \(refusal.port) is refused from \(nearer), most likely by a middlebox and not by the host"
    } else {
      state = .silent
      meaning =
        "the host answers at port \(refusal.port), and port \(port) does not: its accept queue is full, or a filter drops"
        + " this port alone"
    }
  }

  /// How much nearer than the port's own answers a refusal comes from; nil where it does not, or they are not known.
  private static func nearer(_ refusal: SiblingAnswer, _ trail: ListenerTrail) -> String? {
    guard let own = trail.own else { return nil }
    if let limit = refusal.hopLimit {
      let hops = distance(own.hopLimit) - distance(limit)
      if hops >= fewestHops { return hops == 1 ? "1 hop nearer than the port" : "\(hops) hops nearer than the port" }
    }
    guard let time = refusal.roundTrip, own.leastRoundTrip > .milliseconds(1), time * 2 < own.leastRoundTrip else {
      return nil
    }
    return "less than half as far as the port"
  }

  /// Hops from a sender, which begins with 64, 128 or 255.
  private static func distance(_ limit: UInt8) -> Int {
    (limit <= 64 ? 64 : limit <= 128 ? 128 : 255) - Int(limit)
  }
}
