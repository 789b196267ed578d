internal import SynWire

/// What came of a probe so far, beside its stamps: kept from its first answer, or whatever else comes, to its end.
///
/// What comes seldom is apart, so that the rest is copied at little cost.
struct ProbeFindings {
  /// A valid answer as it reached the device.
  struct Captured {
    let mark: Reply.Mark
    let source: Endpoint

    init(_ reply: Reply) {
      mark = reply.mark
      source = reply.source
    }
  }

  /// The first valid answer that reached the device.
  private(set) var firstCaptured: Captured?
  /// The first valid answer that was delivered.
  var delivered: Reply?
  /// When to stop waiting for stamps that have not come with the answer.
  var settlesAt: MonotonicInstant?
  /// The answer reached the device after that of a later probe.
  var isOvertaken = false
  /// None, or one.
  private var rarities: [RareFindings] = []
  private static let copiesKept = 4

  /// What comes seldom, if any of it has.
  var rare: RareFindings? { rarities.first }

  /// Changes what comes seldom.
  mutating func changeRare(_ change: (inout RareFindings) -> Void) {
    if rarities.isEmpty { rarities = [RareFindings()] }
    change(&rarities[0])
  }

  /// How many valid answers that reached the device are known.
  var capturedCount: Int { firstCaptured == nil ? 0 : 1 + (rare?.furtherCaptured.count ?? 0) }

  /// A valid answer reached the device: only the first few are kept.
  mutating func capture(_ reply: Reply) {
    if firstCaptured == nil {
      firstCaptured = Captured(reply)
    } else if capturedCount < Self.copiesKept {
      changeRare { $0.furtherCaptured.append(Captured(reply)) }
    }
  }

  /// The captured copy that was delivered.
  ///
  /// Without the sender's clock in them copies look alike: then it is the last
  /// that was there before the delivery.
  func captured(as delivered: Reply) -> Captured? {
    guard let firstCaptured else { return nil }
    guard let further = rare?.furtherCaptured, !further.isEmpty else {
      return firstCaptured.mark.isCopy(of: delivered.mark) ? firstCaptured : nil
    }
    let copies = ([firstCaptured] + further).filter { $0.mark.isCopy(of: delivered.mark) }
    guard delivered.mark.senderClock == nil, let time = delivered.time else { return copies.first }
    return copies.last { $0.mark.time.map { time - $0 >= .zero } ?? false } ?? copies.first
  }

  /// Notes that `source`, which is not the target, answered: its answer at the device was not the target's either.
  mutating func refuse(_ source: Endpoint) {
    var further = rare?.furtherCaptured ?? []
    further.removeAll { $0.source == source }
    if firstCaptured?.source == source { firstCaptured = further.isEmpty ? nil : further.removeFirst() }
    changeRare { rare in
      rare.furtherCaptured = further
      if rare.strangers.count < Self.copiesKept, !rare.strangers.contains(source) { rare.strangers.append(source) }
    }
  }
}

/// What comes of few probes.
struct RareFindings {
  /// Copies and repetitions of the first captured answer, in the order of arrival.
  var furtherCaptured: [ProbeFindings.Captured] = []
  /// Who else than the target answered rightly, as this host delivered it.
  var strangers: [Endpoint] = []
  /// An ICMP error that quotes the probe and ends a handshake, and whether it came through this host's ingress.
  var icmp: (error: ICMPError, isDelivered: Bool)?
  /// An ICMP error that quotes the probe and ends nothing.
  var noted: ICMPError?
  /// Why it never left, where that is known.
  var cause: LossCause?
  /// Why this host's kernel dropped the SYN, or an answer to it.
  var drop: DropReason?
  /// How the kernel's attempt ended.
  var attempt: ConnectionAttempt?
  /// An answer on the probe's ports that fits no rule.
  var strange: ReplyFacts?
  /// See `Observation.handed`.
  var handed: KernelTimestamp?
  /// See `Observation.holder`.
  var holder: Observation.Holder?
  /// See `Observation.handshake`.
  var handshake: Duration?
}

extension Observation {
  /// What was seen of a probe.
  init(_ probe: InFlightProbe, _ rare: RareFindings?) {
    queued = probe.queued
    sent = probe.sent
    received = probe.received
    delivered = probe.delivered
    guard let rare else { return }
    handed = rare.handed
    holder = rare.holder
    handshake = rare.handshake
  }
}
