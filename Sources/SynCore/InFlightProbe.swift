internal import SynWire

/// A probe between its submission and the end of the grace period in which further answers to it are told apart.
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
  /// The next hop's link address was asked for and not told.
  var isNeighbourSilent = false
  /// How the kernel's attempt ended.
  var attempt: ConnectionAttempt?
  /// An answer on the probe's ports that fits no rule.
  var strange: ReplyFacts?
  /// When to stop waiting for stamps that have not come with the answer.
  var settlesAt: MonotonicInstant?
  /// The outcome, once there is one.
  var outcome: ProbeOutcome.Kind?

  static let copiesKept = 4

  /// The source port, once it is known.
  var localPort: UInt16? { identity?.localPort ?? attempt?.localPort }

  /// Whether an answer from `source`, as this host delivered it, is the target's: connect(2) refuses any other.
  func isAnswered(by source: Endpoint) -> Bool { source.unzoned == request.target.unzoned }

  /// Notes that `source`, which is not the target, answered: its answer at the device was not the target's either.
  mutating func refuse(_ source: Endpoint) {
    if strangers.count < Self.copiesKept, !strangers.contains(source) { strangers.append(source) }
    captured.removeAll { $0.source == source }
    observation.received = captured.first?.time
  }
}

/// A valid answer to a probe: a SYN-ACK or a RST.
struct Reply {
  enum Kind { case synAck, reset }

  let kind: Kind
  /// Who sent it, by its header where it was seen.
  let source: Endpoint
  let sequence: SequenceNumber
  /// TSval, which a sender's repetition carries anew and a copy made by the network does not.
  let senderClock: UInt32?
  let facts: ReplyFacts
  let time: KernelTimestamp?

  /// The shortest time after which a kernel repeats a SYN-ACK; Linux and the BSDs wait 1 s.
  static let shortestRetransmission = Duration.milliseconds(500)

  /// Whether both are of one making: the same segment, however often the network copied it.
  func isCopy(of other: Reply) -> Bool {
    kind == other.kind && sequence == other.sequence && senderClock == other.senderClock
  }

  /// Whether this is the target's own repetition of `first`: the same sequence number, made anew after its timer.
  func isRetransmission(of first: Reply) -> Bool {
    guard kind == .synAck, first.kind == .synAck, sequence == first.sequence, let time, let start = first.time,
      time - start >= Self.shortestRetransmission
    else { return false }
    return senderClock == nil || senderClock != first.senderClock
  }
}
