public import SynCore
public import SynWire

/// Sends SYNs of all hop limits at once, and makes out of the errors and answers which way they went.
///
/// In rounds of one SYN for each hop and path. A round begins when the target has answered the one before on every path, so
/// that it is not asked again while it holds a half-open connection, or an eighth of the timeout after it; SYNs that would
/// go beyond the target are not sent any more then.
public struct TraceEngine: ~Copyable {
  /// A SYN and what came of it.
  struct Slot {
    let probe: TraceProbe
    var left: MonotonicInstant
    var sent: KernelTimestamp?
    var answer: Answer?
    var isRefused = false
  }

  /// The first answer to a SYN.
  struct Answer {
    let from: IPAddress
    let role: TraceReport.Role
    let time: KernelTimestamp
    let labels: [MPLSLabel]
  }

  private struct Key: Hashable {
    let port: UInt16
    let sequence: SequenceNumber
  }

  let plan: TracePlan
  var slots: [Slot] = []
  /// The least hop limit with which each path came to its end.
  var ends: [UInt8?]
  /// ACKs of the target that acknowledge none of the SYNs: it holds a half-open connection of an earlier one.
  var challenges: [Int]
  private let hash: SipHash
  private var byKey: [Key: Int] = [:]
  private var round = 0
  private var next = (hop: 1, path: 0)
  private var due: MonotonicInstant
  private var roundBegan: MonotonicInstant

  /// Time between two SYNs: none is overtaken, and a queue of few is not full.
  private static let spacing = Duration.microseconds(200)
  /// A round waits so many parts of the timeout for the one before.
  private static let patience = 8

  /// Starts at `now`; the sequence numbers are derived from `key`, 128 bits of a cryptographic source.
  public init(_ plan: TracePlan, key: (UInt64, UInt64), at now: MonotonicInstant) {
    self.plan = plan
    hash = SipHash(key: key)
    due = now
    roundBegan = now
    ends = plan.ports.map { _ in nil }
    challenges = plan.ports.map { _ in 0 }
  }

  /// When there is something to send, or the trace is over, if nothing comes.
  public var moment: MonotonicInstant? {
    if isOver { return nil }
    if hasProbe { return due }
    if round + 1 < plan.probes { return nextRound }
    return last.advanced(by: plan.timeout)
  }

  /// Whether nothing is to be sent, and each SYN was answered or will count as lost.
  public func isOver(at now: MonotonicInstant) -> Bool {
    isOver || !hasProbe && round + 1 >= plan.probes && now >= last.advanced(by: plan.timeout)
  }

  /// The next SYN that is due at `now`.
  public mutating func take(at now: MonotonicInstant) -> TraceProbe? {
    if !hasProbe, round + 1 < plan.probes, now >= nextRound { beginRound(at: now) }
    skipBeyondEnds()
    guard hasProbe, due <= now else { return nil }
    let port = plan.ports[next.path]
    let number = slots.count
    let probe = TraceProbe(
      number: number, path: next.path, hopLimit: UInt8(next.hop), localPort: port,
      sequence: SequenceNumber(UInt32(truncatingIfNeeded: hash.hash(UInt64(number), UInt64(port)))))
    slots.append(Slot(probe: probe, left: now))
    byKey[Key(port: port, sequence: probe.sequence)] = number
    due = max(due.advanced(by: TraceEngine.spacing), now)
    step()
    skipBeyondEnds()
    return probe
  }

  /// A SYN was at the device at `time`.
  public mutating func sent(_ number: Int, at time: KernelTimestamp) {
    guard slots.indices.contains(number) else { return }
    slots[number].sent = time
  }

  /// This host refused to send a SYN: it is no probe.
  public mutating func refused(_ number: Int) {
    guard slots.indices.contains(number) else { return }
    slots[number].isRefused = true
  }

  /// A frame that reached the device, with the labels in it.
  public mutating func captured(_ frame: Frame, _ labels: [MPLSLabel] = [], at time: KernelTimestamp) {
    switch frame {
    case .tcp(let segment) where segment.checksum != .wrong: take(segment, at: time)
    case .icmp(let error): take(error, labels, at: time)
    case .tcp, .other: break
    }
  }

  private mutating func take(_ error: ICMPError, _ labels: [MPLSLabel], at time: KernelTimestamp) {
    let key = Key(port: error.quoted.sourcePort, sequence: error.quoted.sequence)
    guard error.quoted.destination.port == plan.target.port, error.endsHandshake, let number = byKey[key] else {
      return
    }
    let role = error.isTimeExceeded ? TraceReport.Role.router : .refuser(error)
    end(number, Answer(from: error.sender, role: role, time: time, labels: labels))
  }

  /// The target's own answers; translated on the way they may come from another address, and are known all the same.
  private mutating func take(_ segment: TCPSegment, at time: KernelTimestamp) {
    let port = segment.destination.port
    guard segment.flags.contains(.ack), let path = plan.ports.firstIndex(of: port) else { return }
    let answered = byKey[Key(port: port, sequence: segment.acknowledgement.advanced(by: .max))]
    switch segment.flags.intersection([.syn, .rst, .fin]) {
    case [.syn]:
      guard let answered else { return }
      end(answered, Answer(from: segment.source.address, role: .open, time: time, labels: []))
    case [.rst]:
      guard let number = answered ?? byKey[Key(port: port, sequence: segment.acknowledgement)] else { return }
      end(number, Answer(from: segment.source.address, role: .closed, time: time, labels: []))
    case [] where segment.source.port == plan.target.port: challenges[path] += 1
    default: break
    }
  }

  private mutating func end(_ number: Int, _ answer: Answer) {
    guard slots[number].answer == nil else { return }
    slots[number].answer = answer
    let probe = slots[number].probe
    if answer.role != .router { ends[probe.path] = min(ends[probe.path] ?? .max, probe.hopLimit) }
  }

  // MARK: Rounds

  private var last: MonotonicInstant { slots.last?.left ?? roundBegan }

  private var hasProbe: Bool { next.hop <= Int(plan.mostHops) }

  private var nextRound: MonotonicInstant {
    ends.allSatisfy { $0 != nil } ? last : roundBegan.advanced(by: plan.timeout / TraceEngine.patience)
  }

  private mutating func beginRound(at now: MonotonicInstant) {
    round += 1
    next = (1, 0)
    roundBegan = now
    due = now
  }

  private mutating func step() {
    next.path += 1
    if next.path == plan.ports.count { next = (next.hop + 1, 0) }
  }

  private mutating func skipBeyondEnds() {
    while hasProbe, let end = ends[next.path], next.hop > Int(end) { step() }
  }

  /// Whether all rounds were sent, and every SYN that counts was answered.
  private var isOver: Bool {
    guard !hasProbe, round + 1 >= plan.probes else { return false }
    return slots.allSatisfy { slot in
      slot.answer != nil || slot.isRefused || ends[slot.probe.path].map { slot.probe.hopLimit > $0 } ?? false
    }
  }
}
