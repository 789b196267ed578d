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
  private let identity: SweepIdentity
  private var times: SendTimes
  private var recent = RecentAnswers(atLeast: SweepEngine.answersKept)

  /// Starts with nothing sent, at `start`.
  public init(_ identity: SweepIdentity, start: KernelTimestamp) {
    self.identity = identity
    times = SendTimes(bits: SweepEngine.timesBits, start: start)
  }

  /// The SYN with this mark left at `time`.
  public mutating func sent(_ mark: SweepIdentity.Mark, at time: KernelTimestamp) {
    tally.sent += 1
    times.sent(mark.fingerprint, at: time)
  }

  /// This host refused to send so many.
  public mutating func refused(_ count: Int = 1) {
    tally.refused += UInt64(count)
  }

  /// Whether a target has answered, as far as that is remembered.
  public func hasAnswered(_ mark: SweepIdentity.Mark) -> Bool { recent.contains(mark.fingerprint) }

  /// A frame that reached the device at `time`: the first answer of a target, or nil.
  public mutating func captured(_ frame: Frame, at time: KernelTimestamp) -> SweepAnswer? {
    switch frame {
    case .tcp(let segment): return take(segment, at: time)
    case .icmp(let error): return take(error, at: time)
    case .other: return nil
    }
  }

  private mutating func take(_ segment: TCPSegment, at time: KernelTimestamp) -> SweepAnswer? {
    guard let (outcome, mark) = identity.answer(in: segment) else {
      tally.unmatched += 1
      return nil
    }
    return first(mark, segment.source, outcome, hopLimit: segment.hopLimit, at: time)
  }

  private mutating func take(_ error: ICMPError, at time: KernelTimestamp) -> SweepAnswer? {
    let target = error.quoted.destination
    let mark = identity.mark(of: target)
    guard error.quoted.sourcePort == mark.localPort, error.quoted.sequence == mark.sequence else {
      tally.unmatched += 1
      return nil
    }
    guard error.endsHandshake else { return nil }
    return first(mark, target, .filtered(error), hopLimit: nil, at: time)
  }

  private mutating func first(
    _ mark: SweepIdentity.Mark, _ target: Endpoint, _ outcome: SweepAnswer.Outcome, hopLimit: UInt8?,
    at time: KernelTimestamp
  ) -> SweepAnswer? {
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
      target: target, outcome: outcome, roundTrip: times.elapsed(since: mark.fingerprint, at: time), hopLimit: hopLimit)
  }
}
