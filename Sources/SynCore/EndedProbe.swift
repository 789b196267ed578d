internal import SynWire

/// What is remembered of a probe for a while after its end, so that a further answer is known as such.
struct EndedProbe {
  let id: ProbeID
  let series: SeriesID
  let sequence: Int
  let target: Endpoint
  let identity: ProbeIdentity?
  /// Index of the device that its answers are captured on; 0 for any.
  let device: UInt32
  /// Whether it was lost: then a valid answer is late.
  let isLost: Bool
  /// When its round trip began.
  let start: KernelTimestamp?
  /// Whether a valid answer was delivered.
  var isDelivered: Bool
  /// The first valid answer that reached the device.
  var firstAnswer: Reply.Mark?

  init(_ probe: InFlightProbe, isLost: Bool) {
    id = probe.id
    series = probe.request.series
    sequence = probe.request.sequence
    target = probe.request.target
    identity = probe.identity
    device = probe.request.device
    self.isLost = isLost
    start = probe.observation.start
    isDelivered = probe.delivered != nil
    firstAnswer = probe.captured.first?.mark
  }
}
