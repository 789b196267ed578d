public import SynCore

/// Which way the probes of a trail were lost, as far as that can be told.
public struct DirectionReading: Hashable, Sendable {
  /// Lost on the way to the target.
  public private(set) var forward = 0
  /// Lost on the way back.
  public private(set) var back = 0
  /// Lost on either way.
  public private(set) var undecided = 0
  /// The shares of both ways; nil where they cannot be told apart.
  public private(set) var shares: LossDirection?
  /// Why something is undecided; nil where nothing is.
  public private(set) var reason: Reason?
  /// The way of each lost probe that is known, by its number.
  public private(set) var ways: [Int: LossWay] = [:]

  /// Why something is undecided.
  public struct Reason: Hashable, Sendable, CustomStringConvertible {
    /// A sentence without a full stop.
    public let description: String
    /// Whether no further probe can mend that.
    public let isLasting: Bool

    init(_ description: String, isLasting: Bool = false) {
      self.description = description
      self.isLasting = isLasting
    }
  }

  /// Of the silent probes that are put down to the way there so many at most were lost on the way back, with what the
  /// target repeated.
  static let mistakes = 0.05
  /// So many probes of an outage decide for all.
  private static let fewestOfOutage = 3
  /// After so many witnesses without a repetition, so many of them listened to past all timers, the target repeats nothing.
  private static let fewestWitnesses = (whole: 2, all: 3)

  /// Reads a trail.
  /// - Parameters:
  ///   - trail: The probes, and what was seen of the target's repetitions.
  ///   - first: Only probes from this number on count: what was lost since tells nothing beside what was well before.
  ///   - moment: Until when was listened: what could not be repeated by then tells nothing yet.
  ///   - listener: What is known of the target's listener: one that is silent by itself has lost nothing on any way.
  ///   - confidence: That both shares' intervals hold.
  public init(
    _ trail: LossTrail, from first: Int = 0, heardUntil moment: MonotonicInstant, listener: ListenerReading? = nil,
    confidence: Double = 0.95
  ) {
    let trials = trail.inOrder.filter { $0.sequence >= first }
    guard trials.contains(where: { $0.fate != .refused }) else { return }
    undecided = trials.count { $0.fate.isLost }
    back = trials.count { $0.fate == .repeated }
    undecided -= back
    for trial in trials where trial.fate == .repeated { ways[trial.sequence] = .back }
    if let objection = DirectionReading.objection(listener) ?? DirectionReading.objection(trail, moment.nanoseconds) {
      reason = undecided > 0 ? objection : nil
      return
    }
    let moments = OpenMoments(trail, until: moment.nanoseconds)
    let open = trials.filter { moments.isOpen(after: $0.at) }
    let counts = LossDirection.Counts(open)
    decideOutages(trials, moments)
    let single = trials.filter { ways[$0.sequence] == nil || $0.fate == .repeated }
    let dependence = SerialDependence.effect(single.map { $0.fate.isLost })
    shares = LossDirection(
      counts, confidence: confidence, dependence: SerialDependence.effect(trials.map { $0.fate.isLost }))
    decide(open.filter { $0.fate == .silent && ways[$0.sequence] == nil }, counts, dependence)
    forward = ways.values.count { $0 == .forward }
    back = ways.count - forward
    undecided = trials.count { $0.fate.isLost && ways[$0.sequence] == nil }
    if undecided == 0 { reason = nil }
  }

  /// Losses in a row that last longer than the target's timer are one outage: those from before its end, which would have
  /// been repeated after it, decide for all.
  private mutating func decideOutages(_ trials: [LossTrail.Trial], _ moments: OpenMoments) {
    for run in trials.split(whereSeparator: { !$0.fate.isLost }) {
      guard let first = run.first, let last = run.last, last.at - first.at >= OpenMoments.shortestTimer else {
        continue
      }
      let repeated = run.count { $0.fate == .repeated }
      let silent = run.count { $0.fate == .silent && moments.isWideOpen(after: $0.at) }
      guard max(repeated, silent) >= DirectionReading.fewestOfOutage, min(repeated, silent) == 0 else { continue }
      for trial in run where trial.fate == .silent { ways[trial.sequence] = repeated > 0 ? .back : .forward }
    }
  }

  /// A silent probe was lost on the way there, where hardly any can have been lost on the way back twice.
  private mutating func decide(_ silent: [LossTrail.Trial], _ counts: LossDirection.Counts, _ dependence: Double) {
    let answered = Double(counts.atOnce + counts.repeated)
    let lostAgain = DirectionReading.meanOfSquares(counts, dependence) * answered
    let isTold = answered > 0 && lostAgain <= DirectionReading.mistakes * Double(silent.count)
    reason = Reason(
      isTold || answered == 0 || silent.isEmpty
        ? "the path was closed, or the run over, when the target's repetitions would have come"
        : "so much is lost on the way back that a repetition may be lost too: more probes would tell")
    guard isTold else { return }
    for trial in silent { ways[trial.sequence] = .forward }
  }

  /// The mean of b², where every b is as likely before the probes tell more of it.
  private static func meanOfSquares(_ counts: LossDirection.Counts, _ dependence: Double) -> Double {
    let lost = Double(counts.repeated) / dependence + 1
    let all = Double(counts.atOnce + 2 * counts.repeated) / dependence + 2
    return lost * (lost + 1) / (all * (all + 1))
  }

  private static func objection(_ listener: ListenerReading?) -> Reason? {
    guard let listener, listener.state == .silent else { return nil }
    return Reason("no way has lost what its own listener let go: \(listener.meaning)")
  }

  private static func objection(_ trail: LossTrail, _ until: Int64) -> Reason? {
    if trail.isByKernel {
      return Reason("mode connect sees no packet, so nothing tells the two ways apart", isLasting: true)
    }
    guard trail.trials.contains(where: { $0.fate == .answered || $0.fate == .repeated }) else {
      return trail.trials.contains { $0.fate == .refused }
        ? Reason("the port is closed: it is answered by RST, which no target repeats")
        : Reason("nothing was answered: while a partition lasts nobody can tell its direction from one end")
    }
    return trail.witnesses.soonestRepetition == nil ? silence(trail, until) : nil
  }

  /// Why no repetition was ever seen.
  private static func silence(_ trail: LossTrail, _ until: Int64) -> Reason {
    switch trail.witnesses.refusal {
    case .fixedPort:
      return Reason(
        "the source port is fixed: without another one it is not seen whether the target repeats", isLasting: true)
    case .noPort: return Reason("this host has no source port left to see whether the target repeats")
    case nil: break
    }
    let heard = { (time: Int64) in trail.witnesses.answered.count { $0 + time < until } }
    return heard(LossTrail.listening.nanoseconds) < fewestWitnesses.whole
      || heard(OpenMoments.firstRepetition) < fewestWitnesses.all
      ? Reason("it was not listened for long enough to see whether the target repeats an answer that nobody takes")
      : Reason(
        "the target repeats no answer that nobody takes: SYN cookies, tcp_synack_retries=0, or a proxy that answers itself",
        isLasting: true)
  }
}

/// The way on which a probe was lost beyond this host.
public enum LossWay: String, CaseIterable, Hashable, Sendable {
  /// To the target.
  case forward
  /// From it.
  case back
}

extension LossTrail.Fate {
  /// Whether the probe was lost, as far as its timeout tells.
  var isLost: Bool { self == .silent || self == .repeated || self == .late }
}

extension LossDirection.Counts {
  fileprivate init(_ trials: [LossTrail.Trial]) {
    let count = { (fate: LossTrail.Fate) in trials.count { $0.fate == fate } }
    self.init(atOnce: count(.answered), repeated: count(.repeated), silent: count(.silent))
  }
}

/// When the path was seen to let a packet through both ways.
private struct OpenMoments {
  private let all: [(at: Int64, isOpen: Bool)]
  private let timers: [Int64]
  private let until: Int64
  /// A neighbour that is further away tells nothing.
  private static let reach: Int64 = 1_000_000_000
  /// What a repetition takes on its way, and in this process.
  private static let travel: Int64 = 50_000_000
  /// When targets repeat for the first time: RFC 6298, and RFC 1122 as Windows does.
  static let shortestTimer: Int64 = 1_000_000_000
  /// By then a probe's answer was repeated, of a target with the shortest timer.
  static let firstRepetition = latest(shortestTimer)

  /// When a timer's repetition has surely come: kernel timers run up to a tenth late, never early.
  private static func latest(_ timer: Int64) -> Int64 { timer + timer / 10 + travel }
  private static let longestTimer: Int64 = 3_000_000_000

  init(_ trail: LossTrail, until: Int64) {
    self.until = until
    let probes = trail.trials.map { ($0.at, $0.fate == .answered || $0.fate == .refused) }
    let witnesses = trail.witnesses.answered.map { ($0, true) } + trail.witnesses.unanswered.map { ($0, false) }
    all = (probes + witnesses).sorted { $0.0 < $1.0 }
    let soonest = trail.witnesses.soonestRepetition?.nanoseconds ?? Self.longestTimer
    timers = soonest < Self.longestTimer ? [Self.shortestTimer] : [Self.shortestTimer, Self.longestTimer]
  }

  /// Whether the target's first repetition to a probe sent at this moment would have found the path open.
  ///
  /// The probe itself is no neighbour: all fates are judged alike.
  func isOpen(after moment: Int64) -> Bool {
    timers.allSatisfy { timer in
      moment + Self.latest(timer) < until && isOpen(at: moment + timer, not: moment)
    }
  }

  /// Whether it surely would have: all neighbours from the one before the timer to the one after it were answered.
  func isWideOpen(after moment: Int64) -> Bool {
    timers.allSatisfy { timer in
      let first = firstIndex(from: moment + timer)
      let end = firstIndex(from: moment + timer + timer / 10)
      guard first > 0, end < all.count, all[end].at + Self.travel < until else { return false }
      return all[(first - 1)...end].allSatisfy(\.isOpen)
    }
  }

  /// Whether one of the two neighbours before the moment, or of the two after it, was answered.
  private func isOpen(at moment: Int64, not own: Int64) -> Bool {
    let next = firstIndex(from: moment)
    let before = all[..<next].suffix(3).filter { $0.at != own }.suffix(2)
    return (before + all[next...].prefix(2)).contains { $0.isOpen && abs($0.at - moment) <= Self.reach }
  }

  private func firstIndex(from moment: Int64) -> Int {
    Times.firstIndex(in: all.count) { all[$0].at >= moment }
  }
}
