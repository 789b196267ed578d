public import SynCore
public import SynWire

/// Whose turn it is: every endpoint of a sweep once, again after a wait where it has not answered, and settled a wait after
/// that, in memory that does not grow with their number.
///
/// A turn is the place of an endpoint in the order of all. Cursors walk over the turns one behind the other, each reaching a
/// turn a wait after the one before it: the first asks, the next ones ask again, the last settles.
public struct SweepWalk {
  /// What is to be done.
  public enum Step: Hashable, Sendable {
    /// A SYN to this endpoint, and whether it is not its first.
    case ask(Endpoint, isAgain: Bool)
    /// The endpoint has not answered, and is asked no more.
    case unanswered(Endpoint)
    /// More endpoints are to be appended, or the end is to be said.
    case more
    /// Nothing before this moment.
    case wait(until: MonotonicInstant)
    /// All are settled.
    case over
  }

  private var stretches: [Stretch] = []
  private var appended: UInt64 = 0
  private var stretchesAppended: UInt64 = 0
  private var isComplete = false
  private var cursors: [Cursor]
  private let seed: UInt64?
  private let tellsUnanswered: Bool
  /// Turns of endpoints that had answered before their first one came: they were given twice.
  public private(set) var repeated: UInt64 = 0

  /// Endpoints that were appended together.
  private struct Stretch {
    let first: UInt64
    let space: SweepSpace
    let order: SweepOrder

    var end: UInt64 { first + space.count }
  }

  /// Begins before the first endpoint.
  /// - Parameters:
  ///   - seed: Of the order; nil for that of the spaces.
  ///   - retries: How often an endpoint is asked again.
  ///   - wait: How long after a SYN it is asked again, or settled.
  ///   - tellsUnanswered: Whether those that did not answer are wanted.
  ///   - settled: As many turns were settled by an earlier walk.
  public init(seed: UInt64?, retries: Int, wait: Duration, tellsUnanswered: Bool, settled: UInt64 = 0) {
    self.seed = seed
    self.tellsUnanswered = tellsUnanswered
    cursors = (0..<retries + 2).map { _ in Cursor(at: settled, wait: wait) }
  }

  /// The turns of these come after all others.
  public mutating func append(_ space: SweepSpace) {
    let order = seed.map { SweepOrder.random(of: space.count, seed: $0 &+ stretchesAppended) } ?? .linear
    stretchesAppended += 1
    let stretch = Stretch(first: appended, space: space, order: order)
    appended += space.count
    if stretch.end > settled { stretches.append(stretch) }
  }

  /// No more are appended.
  public mutating func complete() { isComplete = true }

  /// Turns that are settled: all that came of them has come.
  public var settled: UInt64 { cursors[cursors.count - 1].turn }

  /// Turns of which the first SYN was due.
  public var asked: UInt64 { cursors[0].turn }

  /// Turns that are known of.
  public var known: UInt64 { appended }

  /// The next step; who has answered already is asked no more.
  ///
  /// Those who are to be settled come first, then those who are to be asked again, then the others.
  /// - Parameters:
  ///   - now: All that had come by then is known to `hasAnswered`.
  ///   - mayAsk: Whether a SYN may leave.
  ///   - allHaveLeft: Whether the SYNs of all turns before have left; `haveLeft` tells later of those that have not.
  ///   - hasAnswered: Whether an endpoint has.
  /// - Returns: What is to be done now.
  public mutating func next(
    at now: MonotonicInstant, mayAsk: Bool = true, allHaveLeft: Bool = true, hasAnswered: (Endpoint) -> Bool
  ) -> Step {
    note(now, allHaveLeft)
    if let endpoint = settle(hasAnswered) { return .unanswered(endpoint) }
    if mayAsk, let step = ask(hasAnswered) { return step }
    guard isComplete || cursors[0].turn < appended else { return .more }
    guard settled < appended else { return .over }
    note(now, allHaveLeft)
    // None waits for the last one.
    return .wait(until: cursors.dropLast().compactMap(\.nextMoment).min() ?? .distantFuture)
  }

  /// How far each round of SYNs has come.
  public var rounds: [UInt64] { cursors.dropLast().map(\.turn) }

  /// The SYNs of all turns up to these of `rounds` had left by `now`.
  public mutating func haveLeft(_ rounds: [UInt64], at now: MonotonicInstant) {
    for (index, turn) in zip(cursors.indices, rounds) { cursors[index].mark(turn, now) }
  }

  private mutating func note(_ now: MonotonicInstant, _ allHaveLeft: Bool) {
    for index in cursors.indices {
      if allHaveLeft { cursors[index].mark(cursors[index].turn, now) }
      cursors[index].release(now)
    }
  }

  private mutating func ask(_ hasAnswered: (Endpoint) -> Bool) -> Step? {
    for index in cursors.indices.dropFirst().dropLast().reversed() {
      while let endpoint = advance(index) {
        if !hasAnswered(endpoint) { return .ask(endpoint, isAgain: true) }
      }
    }
    while cursors[0].turn < appended {
      let endpoint = endpoint(cursors[0].turn)
      cursors[0].turn += 1
      // Within one stretch each is once.
      guard stretchesAppended > 1, hasAnswered(endpoint) else { return .ask(endpoint, isAgain: false) }
      repeated += 1
    }
    return nil
  }

  /// The next that did not answer, of those whose last wait is over.
  private mutating func settle(_ hasAnswered: (Endpoint) -> Bool) -> Endpoint? {
    let last = cursors.count - 1
    guard tellsUnanswered else {
      cursors[last].turn = cursors[last - 1].released
      forget(before: settled)
      return nil
    }
    while let endpoint = advance(last) {
      if !hasAnswered(endpoint) { return endpoint }
    }
    forget(before: settled)
    return nil
  }

  /// The endpoint whose turn a later cursor reaches now.
  private mutating func advance(_ index: Int) -> Endpoint? {
    let turn = cursors[index].turn
    guard turn < cursors[index - 1].released else { return nil }
    cursors[index].turn += 1
    return endpoint(turn)
  }

  /// Stretches that are kept.
  var stretchesKept: Int { stretches.count }

  /// Lets go of the stretches that are settled.
  private mutating func forget(before turn: UInt64) {
    while let first = stretches.first, first.end <= turn { stretches.removeFirst() }
  }

  private func endpoint(_ turn: UInt64) -> Endpoint {
    let stretch = stretches.first { turn < $0.end } ?? stretches[stretches.count - 1]
    return stretch.space.endpoint(stretch.order.number(turn - stretch.first))
  }

  /// How far one has come, and had come a wait ago.
  private struct Cursor {
    /// The turn that it reaches next.
    var turn: UInt64
    /// All before this were reached a wait ago.
    private(set) var released: UInt64
    private var marks = FirstInFirstOut<Mark>()
    private var lastMark: Mark
    private let wait: Duration

    private struct Mark {
      let turn: UInt64
      let time: MonotonicInstant
    }

    /// In so many parts a wait is told.
    private static let parts = 128

    init(at turn: UInt64, wait: Duration) {
      self.turn = turn
      released = turn
      lastMark = Mark(turn: turn, time: MonotonicInstant(nanoseconds: .min / 2))
      self.wait = wait
    }

    /// Notes that it had left this turn behind by then.
    mutating func mark(_ turn: UInt64, _ now: MonotonicInstant) {
      guard turn > lastMark.turn, now >= lastMark.time.advanced(by: wait / Cursor.parts) else { return }
      lastMark = Mark(turn: turn, time: now)
      marks.append(lastMark)
    }

    /// Releases what it had left behind a wait ago.
    mutating func release(_ now: MonotonicInstant) {
      while let first = marks.first, now >= first.time.advanced(by: wait) {
        released = first.turn
        _ = marks.popFirst()
      }
    }

    /// When it releases or notes something next, if nothing happens before.
    var nextMoment: MonotonicInstant? {
      let noted = turn > lastMark.turn ? lastMark.time.advanced(by: wait / Cursor.parts) : nil
      return [marks.first?.time.advanced(by: wait), noted].compactMap { $0 }.min()
    }
  }
}
