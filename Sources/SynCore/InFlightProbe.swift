internal import SynWire

/// What is kept of every probe between its submission and its end: a hundred bytes, for there may be a million.
///
/// What it was asked in common with others is in `SharedRequests`, what came of it in `ProbeFindings`.
struct InFlightProbe {
  let id: ProbeID
  let submitted: MonotonicInstant
  /// Its number in its series.
  let sequence: Int
  private var queuedStamp = OptionalStamp()
  private var sentStamp = OptionalStamp()
  private var receivedStamp = OptionalStamp()
  private var deliveredStamp = OptionalStamp()
  private var callBegan = OptionalStamp()
  private var callEnded = OptionalStamp()
  private let initialSequence: SequenceNumber
  /// Where it is kept what others were asked as well.
  let common: UInt32
  /// Where it is kept what came of it, while `hasFindings`.
  private var findingsPlace: UInt32 = 0
  private let port: UInt16
  private let hopLimitOrZero: UInt8
  let repeats: UInt8
  private let hasIdentity: Bool
  private var hasFindings = false

  /// A probe without an `identity` is an attempt that the kernel carries out: its answers reach only the kernel.
  init(
    _ id: ProbeID, _ request: ProbeRequest, common: UInt32, as identity: ProbeIdentity?, at now: MonotonicInstant
  ) {
    self.id = id
    self.common = common
    submitted = now
    sequence = request.sequence
    hopLimitOrZero = request.hopLimit ?? 0
    repeats = request.repeats
    hasIdentity = identity != nil
    port = identity?.localPort ?? 0
    initialSequence = identity?.initialSequence ?? SequenceNumber(0)
  }

  /// Nil for an attempt that the kernel carries out.
  var identity: ProbeIdentity? {
    hasIdentity ? ProbeIdentity(localPort: port, initialSequence: initialSequence) : nil
  }

  /// Its own hop limit, if it has one.
  var hopLimit: UInt8? { hopLimitOrZero == 0 ? nil : hopLimitOrZero }

  /// Where what came of it is kept; nil while nothing has.
  var findings: UInt32? {
    get { hasFindings ? findingsPlace : nil }
    set {
      hasFindings = newValue != nil
      findingsPlace = newValue ?? 0
    }
  }

  // MARK: Stamps, as in `Observation`

  var queued: KernelTimestamp? {
    get { queuedStamp.time }
    set { queuedStamp.time = newValue }
  }
  var sent: KernelTimestamp? {
    get { sentStamp.time }
    set { sentStamp.time = newValue }
  }
  var received: KernelTimestamp? {
    get { receivedStamp.time }
    set { receivedStamp.time = newValue }
  }
  var delivered: KernelTimestamp? {
    get { deliveredStamp.time }
    set { deliveredStamp.time = newValue }
  }

  /// When the call that sent the SYN began and ended.
  var call: (began: KernelTimestamp, ended: KernelTimestamp)? {
    get {
      guard let began = callBegan.time, let ended = callEnded.time else { return nil }
      return (began, ended)
    }
    set {
      callBegan.time = newValue?.began
      callEnded.time = newValue?.ended
    }
  }

  /// Whether all four stamps are there.
  var isComplete: Bool { queued != nil && sent != nil && received != nil && delivered != nil }

  /// Whether this is a challenge ACK (RFC 5961 section 4) of a connection that an earlier probe from this port left over:
  /// it acknowledges another number.
  func isLeftover(_ segment: TCPSegment) -> Bool {
    guard let identity, segment.flags.intersection([.syn, .ack, .rst, .fin]) == [.ack] else { return false }
    return segment.acknowledgement != identity.initialSequence.advanced(by: 1)
  }
}
