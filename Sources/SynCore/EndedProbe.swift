internal import SynWire

/// What is remembered of a probe for a while after its end, so that a further answer is known as such.
struct EndedProbe {
  let id: ProbeID
  /// Its number in its series.
  let sequence: Int
  private let startStamp: OptionalStamp
  /// The first valid answer that reached the device.
  var firstAnswer: Reply.Mark?
  let identity: ProbeIdentity?
  /// Where it is kept what others were asked as well: see `SharedRequests`.
  let common: UInt32
  /// Whether it was lost: then a valid answer is late.
  let isLost: Bool
  /// Whether a valid answer was delivered.
  var isDelivered: Bool

  init(_ probe: InFlightProbe, _ findings: ProbeFindings, isLost: Bool) {
    id = probe.id
    sequence = probe.sequence
    identity = probe.identity
    common = probe.common
    self.isLost = isLost
    startStamp = OptionalStamp(findings.rare?.handed ?? probe.queued)
    isDelivered = findings.delivered != nil
    firstAnswer = findings.firstCaptured?.mark
  }

  /// When its round trip began.
  var start: KernelTimestamp? { startStamp.time }
}
