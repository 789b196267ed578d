internal import SynWire

/// A probe between its submission and its end.
struct InFlightProbe {
  let id: ProbeID
  let request: ProbeRequest
  /// Nil for an attempt that the kernel carries out: its answers reach only the kernel.
  let identity: ProbeIdentity?
  let submitted: MonotonicInstant
  let deadline: MonotonicInstant

  var observation = Observation()
  /// Valid answers that reached the device, in the order of arrival; at most `copiesKept`.
  var captured: [Reply] = []
  /// The first valid answer that was delivered.
  var delivered: Reply?
  /// An ICMP error that quotes the probe and ends a handshake, and whether it came through this host's ingress.
  var icmp: (error: ICMPError, isDelivered: Bool)?
  /// An ICMP error that quotes the probe and ends nothing.
  var noted: ICMPError?
  /// Who else than the target answered rightly, as this host delivered it; at most `copiesKept`.
  var strangers: [Endpoint] = []
  /// The answer reached the device after that of a later probe.
  var isOvertaken = false
  /// When the call that sent the SYN began and ended.
  var call: (began: KernelTimestamp, ended: KernelTimestamp)?
  /// Why it never left, where that is known.
  var cause: LossCause?
  /// Why this host's kernel dropped the SYN, or an answer to it.
  var drop: DropReason?
  /// How the kernel's attempt ended.
  var attempt: ConnectionAttempt?
  /// An answer on the probe's ports that fits no rule.
  var strange: ReplyFacts?
  /// When to stop waiting for stamps that have not come with the answer.
  var settlesAt: MonotonicInstant?
  static let copiesKept = 4

  /// The source port, once it is known.
  var localPort: UInt16? { identity?.localPort ?? attempt?.localPort }

  /// Whether this is a challenge ACK (RFC 5961 section 4) of a connection that an earlier probe from this port left over:
  /// it acknowledges another number.
  func isLeftover(_ segment: TCPSegment) -> Bool {
    guard let identity, segment.flags.intersection([.syn, .ack, .rst, .fin]) == [.ack] else { return false }
    return segment.acknowledgement != identity.initialSequence.advanced(by: 1)
  }

  /// Notes that `source`, which is not the target, answered: its answer at the device was not the target's either.
  mutating func refuse(_ source: Endpoint) {
    if strangers.count < Self.copiesKept, !strangers.contains(source) { strangers.append(source) }
    captured.removeAll { $0.source == source }
    observation.received = captured.first?.time
  }
}
