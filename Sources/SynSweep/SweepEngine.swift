public import SynCore
public import SynWire

/// Matches answers to the SYNs of a sweep, in memory that does not grow with the number of targets.
///
/// A target is known by the keyed hash that its answer carries, its time by a table of the last SYNs, and that it has
/// answered by a set of the last answers: a repetition that comes after so many others counts as an answer.
public struct SweepEngine: ~Copyable {
  /// Times are kept of so many SYNs: 8 MB.
  public static let timesBits = 20
  /// So many answers are remembered at least.
  public static let answersKept = 1 << 19

  /// What was counted.
  public private(set) var tally = SweepTally()
  /// Whether the stamps of what is handed over are of one clock: false while it was stepped since the last time, and then
  /// nothing of before has a time.
  public var tellsTimes = true {
    didSet { if tellsTimes, !oldValue { times = SendTimes(bits: SweepEngine.timesBits) } }
  }
  private let identity: SweepIdentity
  private let timeout: Duration
  private var times: SendTimes
  private var recent: RecentAnswers
  private var late = RecentAnswers(atLeast: 1 << 14)
  /// Of whom it was told that they have not answered; nil while that is told of none.
  private var missed: RecentAnswers?
  private let answersKept: Int

  /// Starts with nothing sent.
  /// - Parameters:
  ///   - identity: What answers must carry.
  ///   - timeout: How long an answer counts.
  ///   - answersKept: So many answers are remembered at least.
  public init(_ identity: SweepIdentity, timeout: Duration, answersKept: Int = SweepEngine.answersKept) {
    self.identity = identity
    self.timeout = timeout
    self.answersKept = answersKept
    recent = RecentAnswers(atLeast: answersKept)
    times = SendTimes(bits: SweepEngine.timesBits)
  }

  /// The mark of the SYN to a target.
  public func mark(of target: Endpoint) -> SweepIdentity.Mark { identity.mark(of: target) }

  /// A SYN was handed to the kernel.
  public mutating func sent() { tally.sent += 1 }

  /// This host refused to send one: its target is asked no more.
  /// - Returns: False where it is settled already what the target is.
  public mutating func refused(_ target: Endpoint) -> Bool {
    guard !hasAnswered(target) else { return false }
    _ = recent.isFirst(identity.mark(of: target).fingerprint)
    tally.refused += 1
    return true
  }

  /// It is told of a target that it has not answered: whatever it answers now is late.
  public mutating func missed(_ target: Endpoint) {
    if missed == nil { missed = RecentAnswers(atLeast: answersKept) }
    _ = missed?.isFirst(identity.mark(of: target).fingerprint)
  }

  /// Whether a target has answered, or was said not to have, as far as that is remembered.
  public func hasAnswered(_ target: Endpoint) -> Bool {
    let fingerprint = identity.mark(of: target).fingerprint
    return recent.contains(fingerprint) || wasMissed(fingerprint)
  }

  private func wasMissed(_ fingerprint: UInt64) -> Bool { missed?.contains(fingerprint) ?? false }

  /// Takes a frame that passed the device.
  ///
  /// An own SYN leaves the time behind that the answer is told by. What this host tells itself, as of a neighbour that it
  /// does not find, is nobody's answer.
  /// - Parameters:
  ///   - frame: What was captured.
  ///   - time: When it passed the device.
  ///   - isOwn: Whether an address is this host's; asked of who sends an error that proves itself.
  /// - Returns: The answer; nil for whatever is none, or not the first.
  public mutating func captured(
    _ frame: Frame, at time: KernelTimestamp, isOwn: (IPAddress) -> Bool = { _ in false }
  ) -> SweepAnswer? {
    switch frame {
    case .tcp(let segment): return take(segment, at: time)
    case .icmp(let error): return take(error, at: time, isOwn)
    case .other: return nil
    }
  }

  private mutating func take(_ segment: TCPSegment, at time: KernelTimestamp) -> SweepAnswer? {
    if let own = identity.mark(ofOwn: segment) {
      let isAgain = segment.options.timestamps.map { SweepIdentity.isAgain($0.value) } ?? false
      times.sent(own.fingerprint, at: time, isAgain: isAgain)
      return nil
    }
    guard let (outcome, mark) = identity.answer(in: segment) else {
      tally.unmatched += 1
      return nil
    }
    return first(mark, segment.source, outcome, hopLimit: segment.hopLimit, at: time)
  }

  private mutating func take(
    _ error: ICMPError, at time: KernelTimestamp, _ isOwn: (IPAddress) -> Bool
  ) -> SweepAnswer? {
    // Errors about what others of this host sent reach the capture too.
    guard identity.ports.contains(error.quoted.sourcePort) else { return nil }
    let target = error.quoted.destination
    let mark = identity.mark(of: target)
    guard error.quoted.sourcePort == mark.localPort, error.quoted.sequence == mark.sequence else {
      tally.unmatched += 1
      return nil
    }
    guard error.endsHandshake, error.sender == target.address || !isOwn(error.sender) else { return nil }
    return first(mark, target, .filtered(error), hopLimit: nil, at: time)
  }

  private mutating func first(
    _ mark: SweepIdentity.Mark, _ target: Endpoint, _ outcome: SweepAnswer.Outcome, hopLimit: UInt8?,
    at time: KernelTimestamp
  ) -> SweepAnswer? {
    let elapsed = tellsTimes ? times.elapsed(since: mark.fingerprint, at: time) : nil
    // Who answers late has not answered: it is asked again, and counts as lost.
    if wasMissed(mark.fingerprint) || elapsed.map({ $0 > timeout }) ?? false {
      let isFirst = !recent.contains(mark.fingerprint) && late.isFirst(mark.fingerprint)
      if isFirst { tally.late += 1 } else { tally.duplicates += 1 }
      return nil
    }
    guard recent.isFirst(mark.fingerprint) else {
      tally.duplicates += 1
      return nil
    }
    switch outcome {
    case .open: tally.open += 1
    case .closed: tally.closed += 1
    case .filtered: tally.filtered += 1
    }
    return SweepAnswer(
      target: target, outcome: outcome, roundTrip: elapsed, hopLimit: hopLimit)
  }
}
