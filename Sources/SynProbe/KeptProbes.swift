public import SynCore
internal import SynWire

/// The probes of a measurement in the order of their numbers, each in some hundred bytes.
///
/// What most probes have is packed; the few that have more, such as an ICMP error, are kept whole beside.
public struct KeptProbes: RandomAccessCollection, Sendable {
  private var packed: [Packed] = []
  /// Those that do not fit, by their numbers.
  private var whole: [Int: ProbeResult] = [:]
  /// What all probes of the series have in common: the first that was kept tells it.
  private var pattern = ProbeRequest(
    series: SeriesID(0), sequence: 0, target: Endpoint(address: IPAddress(v4: 0), port: 0), timeout: .zero)

  /// No probe yet.
  public init() {}

  /// See `Collection.startIndex`.
  public var startIndex: Int { 0 }
  /// See `Collection.endIndex`.
  public var endIndex: Int { packed.count }

  /// The probe at a place.
  public subscript(position: Int) -> ProbeResult {
    let packed = packed[position]
    return whole[packed.sequence] ?? packed.unpacked(pattern)
  }

  /// Puts a probe into its place; probes end nearly in order, so it is found from the end.
  mutating func insert(_ result: ProbeResult) {
    if packed.isEmpty { pattern = result.request }
    let sequence = result.request.sequence
    var index = packed.endIndex
    while index > packed.startIndex, packed[index - 1].sequence > sequence { index -= 1 }
    packed.insert(Packed(result), at: index)
    if !Packed.holds(result) { whole[sequence] = result }
  }

  /// Bytes that one probe costs.
  static var bytesEach: Int { MemoryLayout<Packed>.stride }
}

/// What most probes have, without what they have in common.
private struct Packed {
  let sequence: Int
  private let id: UInt64
  private let submitted: Int64
  private let handed, queued, sent, received, delivered, handshake: Int64
  private let facts: ReplyFacts?
  private let localPort: UInt16
  private let outcome: ProbeOutcome.Kind
  private let place: LossPlace?
  /// Of a blocked probe the error's number, of an unexpected answer its control bits.
  private let particular: Int32

  private static let absent = Int64.min

  init(_ result: ProbeResult) {
    sequence = result.request.sequence
    id = result.id.rawValue
    submitted = result.submitted.nanoseconds
    handed = Packed.value(result.observation.handed)
    queued = Packed.value(result.observation.queued)
    sent = Packed.value(result.observation.sent)
    received = Packed.value(result.observation.received)
    delivered = Packed.value(result.observation.delivered)
    handshake = result.observation.handshake?.nanoseconds ?? Packed.absent
    facts = result.reply
    localPort = result.localPort ?? 0
    outcome = result.outcome.kind
    if case .lost(let place) = result.outcome { self.place = place } else { place = nil }
    switch result.outcome {
    case .blocked(let failure): particular = failure.errno
    case .unexpected(let flags): particular = Int32(flags.rawValue)
    default: particular = 0
    }
  }

  /// Whether all that the result says comes back out.
  static func holds(_ result: ProbeResult) -> Bool {
    switch result.outcome {
    case .filtered: return false
    case .unexpected where result.request.repeats > 0: return false
    case .open, .closed, .lost, .blocked, .unexpected, .cancelled: break
    }
    return result.stranger == nil && result.noted == nil && result.cause == nil && result.drop == nil
      && result.observation.holder == nil
  }

  func unpacked(_ pattern: ProbeRequest) -> ProbeResult {
    var request = pattern
    request.sequence = sequence
    request.repeats = 0
    return ProbeResult(
      id: ProbeID(id), request: request, submitted: MonotonicInstant(nanoseconds: submitted),
      localPort: localPort == 0 ? nil : localPort, outcome: unpackedOutcome, observation: observation, reply: facts)
  }

  private var unpackedOutcome: ProbeOutcome {
    switch outcome {
    case .open: .open
    case .closed: .closed
    case .lost: .lost(place ?? .unknown)
    case .blocked: .blocked(SendFailure(errno: particular))
    case .unexpected: .unexpected(TCPFlags(rawValue: UInt8(truncatingIfNeeded: particular)))
    case .cancelled, .filtered: .cancelled  // A filtered one is kept whole.
    }
  }

  private var observation: Observation {
    var observation = Observation()
    observation.handed = Packed.stamp(handed)
    observation.queued = Packed.stamp(queued)
    observation.sent = Packed.stamp(sent)
    observation.received = Packed.stamp(received)
    observation.delivered = Packed.stamp(delivered)
    observation.handshake = handshake == Packed.absent ? nil : .nanoseconds(handshake)
    return observation
  }

  private static func value(_ stamp: KernelTimestamp?) -> Int64 { stamp?.nanoseconds ?? absent }

  private static func stamp(_ value: Int64) -> KernelTimestamp? {
    value == absent ? nil : KernelTimestamp(nanoseconds: value)
  }
}
