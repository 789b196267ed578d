package import SynWire

/// How many trains are to be sent at most, and for how long.
package struct TrainPlan: Hashable, Sendable {
  /// Rounds of one train of each kind.
  package var rounds: Int
  /// SYNs at most, of all trains together.
  package var mostProbes: Int
  /// From the first train on.
  package var longest: Duration

  package init(rounds: Int, mostProbes: Int, longest: Duration) {
    self.rounds = rounds
    self.mostProbes = mostProbes
    self.longest = longest
  }
}

/// Which train leaves when: round after round one of each kind, each so long that it tells, and no longer.
///
/// A train is over when all of its probes have ended, or nothing has come for so long that nothing more will. It knows no
/// clock: it is asked what to do, and says when to ask again.
package struct TrainPacer: Hashable, Sendable {
  /// What is to be done.
  package enum Step: Hashable, Sendable {
    /// Nothing before the `moment`.
    case wait
    /// Send so many SYNs of this shape at once, numbered from `first` on.
    case send(SynShape, count: Int, first: Int)
    /// That was one.
    case ended(ProbeTrain)
    /// No further train will leave.
    case over
  }

  /// No train is longer.
  package static let longestTrain = 64
  /// Answers are small: it takes many to empty a bucket.
  private static func longest(_ kind: ProbeTrain.Kind) -> Int {
    switch kind {
    case .padded: 48
    case .full: longestTrain
    case .plain: 32
    }
  }

  /// SYNs of a round at most.
  package static let mostOfRound = ProbeTrain.Kind.allCases.map(longest).reduce(0, +)
  /// From the start of one to that of the next at least.
  package static let interval = Duration.milliseconds(50)

  /// A train is as long as it takes a slow link this time to let it pass.
  private static let span = Duration.milliseconds(400)
  private static let shortestTrain = 6
  /// After the last answer a train waits this long for another, or four of its longest gaps.
  private static let quiet = Duration.milliseconds(250)
  /// Padding that is tried in turn, until it is let through: a tunnel's MTU, and a shaper's bucket, may be smaller.
  private static let paddings: [UInt16] = [1_360, 900, 420, 120]

  private struct Running: Hashable, Sendable {
    let kind: ProbeTrain.Kind
    let first: Int
    let started: MonotonicInstant
    var cars: [ProbeTrain.Car]
    var ended = 0
    var lastAnswer: MonotonicInstant?
    var longestGap = Duration.zero
  }

  private let plan: TrainPlan
  private let family: IPAddress.Family
  private let begins: MonotonicInstant
  private var lengths: [ProbeTrain.Kind: Int] = [.padded: 6, .full: 16, .plain: 16]
  private var running: Running?
  private var startsAt: MonotonicInstant
  private var taken = 0
  private var trains = 0
  private var padding = 0

  package init(_ plan: TrainPlan, _ family: IPAddress.Family, at now: MonotonicInstant) {
    self.plan = plan
    self.family = family
    begins = now
    startsAt = now
  }

  /// When to ask for the next step; nil while only what becomes of a probe can bring it about.
  package var moment: MonotonicInstant? {
    guard let running else { return startsAt }
    return running.ended == running.cars.count ? running.started : closing(running)
  }

  /// What is to be done at `now`.
  package mutating func step(at now: MonotonicInstant) -> Step {
    if let running {
      guard running.ended == running.cars.count || closing(running).map({ $0 <= now }) == true else { return .wait }
      self.running = nil
      adapt(to: running)
      return .ended(ProbeTrain(running.kind, frameBytes: shape(running.kind).frameBytes(family), cars: running.cars))
    }
    if isOver || now.since(begins) >= plan.longest { return .over }
    guard startsAt <= now else { return .wait }
    let kind = ProbeTrain.Kind.allCases[trains % ProbeTrain.Kind.allCases.count]
    let count = min(lengths[kind] ?? 0, plan.mostProbes - taken)
    defer {
      running = Running(kind: kind, first: taken, started: now, cars: Array(repeating: .init(), count: count))
      startsAt = now.advanced(by: TrainPacer.interval)
      trains += 1
      taken += count
    }
    return .send(shape(kind), count: count, first: taken)
  }

  /// Notes what became of a probe.
  package mutating func add(_ result: ProbeResult, at now: MonotonicInstant) {
    guard var train = running, train.cars.indices.contains(result.request.sequence - train.first) else { return }
    running = nil
    train.ended += 1
    train.cars[result.request.sequence - train.first] = ProbeTrain.Car(result)
    if result.outcome.isAnswer {
      train.longestGap = max(train.longestGap, now.since(train.lastAnswer ?? train.started))
      train.lastAnswer = now
    }
    running = train
  }

  /// Notes that a probe cannot be sent.
  package mutating func skip(_ sequence: Int) {
    guard let first = running?.first, running?.cars.indices.contains(sequence - first) == true else { return }
    running?.ended += 1
  }

  private var isOver: Bool {
    trains >= plan.rounds * ProbeTrain.Kind.allCases.count
      || plan.mostProbes - taken < TrainPacer.shortestTrain
  }

  /// When nothing more is waited for; nil before the first answer, when the probes' own timeouts end the train.
  private func closing(_ train: Running) -> MonotonicInstant? {
    train.lastAnswer?.advanced(by: max(TrainPacer.quiet, train.longestGap * 4))
  }

  private func shape(_ kind: ProbeTrain.Kind) -> SynShape {
    switch kind {
    case .padded: SynShape(options: .client, padding: TrainPacer.paddings[padding])
    case .full: SynShape(options: .client)
    case .plain: SynShape(options: .none)
    }
  }

  private mutating func adapt(to train: Running) {
    let times = train.cars.compactMap(\.received)
    let neighbours = zip(train.cars, train.cars.dropFirst()).count { $0.received != nil && $1.received != nil }
    if train.kind == .padded, neighbours < min(3, train.cars.count / 2), padding + 1 < TrainPacer.paddings.count {
      padding += 1
    }
    guard let first = times.first, let last = times.max(by: { $0.nanoseconds < $1.nanoseconds }), times.count > 1 else {
      lengths[train.kind] = TrainPacer.shortestTrain
      return
    }
    let gap = max((last - first).nanoseconds / Int64(times.count - 1), 1)
    let fitting = Int(clamping: TrainPacer.span.nanoseconds / gap)
    lengths[train.kind] = min(max(fitting, TrainPacer.shortestTrain), TrainPacer.longest(train.kind))
  }
}
