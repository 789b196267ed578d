internal import SynCore

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
  /// Why something is undecided, a sentence without a full stop; nil where nothing is.
  public private(set) var reason: String?
  /// The way of each lost probe that is known, by its number.
  public private(set) var ways: [Int: LossWay] = [:]

  /// A silent probe whose answer, and all repetitions of it, were lost on the way back is one among so many at most.
  static let mistakes = 0.05
  /// After so many witnesses without a repetition the target repeats nothing.
  private static let fewestWitnesses = 3

  /// Reads a trail.
  public init(_ trail: LossTrail, confidence: Double = 0.95) {
    let moments = OpenMoments(trail)
    let until = trail.listenedUntil ?? .max
    var counts = LossDirection.Counts()
    var silent: [(sequence: Int, moments: Int)] = []
    var isAnswered: [Bool] = []
    var isOpenPort = false
    for trial in trail.inOrder {
      isAnswered.append(trial.fate == .answered)
      isOpenPort = isOpenPort || trial.fate == .answered || trial.fate == .repeated
      let open = moments.count(after: trial.at, until: until)
      switch trial.fate {
      case .answered: counts.atOnce += open > 0 ? 1 : 0
      case .refused: break
      case .late: undecided += 1
      case .repeated:
        counts.repeated += open > 0 ? 1 : 0
        back += 1
        ways[trial.sequence] = .back
      case .silent:
        undecided += 1
        guard open > 0 else { continue }
        counts.silent += 1
        silent.append((trial.sequence, open))
      }
    }
    guard undecided + back > 0 || isOpenPort else { return }
    if let objection = DirectionReading.objection(trail, isOpenPort: isOpenPort, hasRepeated: back > 0) {
      reason = undecided > 0 ? objection : nil
      return
    }
    shares = LossDirection(counts, confidence: confidence, dependence: SerialDependence.effect(isAnswered))
    decide(silent, counts)
  }

  /// A silent probe was lost on the way there, where hardly any can have been lost on the way back time and again.
  private mutating func decide(_ silent: [(sequence: Int, moments: Int)], _ counts: LossDirection.Counts) {
    let answered = Double(counts.atOnce + counts.repeated)
    let likeliest = silent.map(\.moments).min() ?? 0
    let lostAgain = DirectionReading.mean(power: likeliest + 1, counts) * answered
    let isTold = lostAgain <= DirectionReading.mistakes * Double(silent.count)
    if isTold {
      for one in silent { ways[one.sequence] = .forward }
      forward = silent.count
      undecided -= silent.count
    }
    guard undecided > 0 else { return }
    reason =
      isTold || silent.isEmpty
      ? "the path was closed, or the run over, when the target's repetitions would have come"
      : "so much is lost on the way back that a repetition or two may be lost too: more probes would tell"
  }

  /// The mean of b^n, where every b is as likely before the probes tell more of it.
  private static func mean(power: Int, _ counts: LossDirection.Counts) -> Double {
    let lost = Double(counts.repeated) + 1
    let all = Double(counts.atOnce + 2 * counts.repeated) + 2
    return (0..<power).reduce(1) { $0 * (lost + Double($1)) / (all + Double($1)) }
  }

  private static func objection(_ trail: LossTrail, isOpenPort: Bool, hasRepeated: Bool) -> String? {
    if trail.isByKernel { return "mode connect sees no packet, so nothing tells the two ways apart" }
    guard isOpenPort else {
      return trail.trials.contains { $0.fate == .refused }
        ? "the port is closed: it is answered by RST, which no target repeats"
        : "nothing was answered: while a partition lasts nobody can tell its direction from one end"
    }
    if hasRepeated || trail.witnesses.repetitions > 0 { return nil }
    switch trail.witnesses.refusal {
    case .fixedPort: return "the source port is fixed: without another one it is not seen whether the target repeats"
    case .noPort: return "this host has no source port left to see whether the target repeats"
    case nil: break
    }
    let until = trail.listenedUntil ?? .max
    let heard = trail.witnesses.answered.count { $0 < until - LossTrail.listening.nanoseconds }
    return heard < fewestWitnesses
      ? "it was not listened for long enough to see whether the target repeats an answer that nobody takes"
      : "the target repeats no answer that nobody takes: SYN cookies, tcp_synack_retries=0, or a proxy that answers itself"
  }
}

/// The way on which a probe was lost beyond this host.
public enum LossWay: String, CaseIterable, Hashable, Sendable {
  /// To the target.
  case forward
  /// From it.
  case back
}

/// When the path was seen to let a packet through both ways.
private struct OpenMoments {
  private let all: [(at: Int64, isOpen: Bool)]
  /// A neighbour that is further away tells nothing.
  private static let reach: Int64 = 1_000_000_000
  /// What a repetition takes on its way, and in this process.
  private static let travel: Int64 = 50_000_000

  init(_ trail: LossTrail) {
    let probes = trail.trials.map { ($0.at, $0.fate == .answered || $0.fate == .refused) }
    let witnesses = trail.witnesses.answered.map { ($0, true) } + trail.witnesses.unanswered.map { ($0, false) }
    all = (probes + witnesses).sorted { $0.0 < $1.0 }
  }

  /// How many of the target's repetitions to a probe sent at this moment would have found the path open.
  ///
  /// The probe itself is no neighbour: all fates are judged alike.
  func count(after moment: Int64, until: Int64) -> Int {
    LossTrail.repetitions.count { timer in
      // Kernel timers run up to a tenth late, never early.
      moment + timer + timer / 10 + Self.travel < until && isOpen(at: moment + timer, not: moment)
    }
  }

  private func isOpen(at moment: Int64, not own: Int64) -> Bool {
    let next = firstIndex(from: moment)
    if next < all.count, all[next].at - moment <= Self.reach, all[next].isOpen { return true }
    guard let last = all[..<next].last(where: { $0.at != own }) else { return false }
    return moment - last.at <= Self.reach && last.isOpen
  }

  private func firstIndex(from moment: Int64) -> Int {
    var low = 0
    var high = all.count
    while low < high {
      let middle = (low + high) / 2
      if all[middle].at < moment { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
