/// What a simulated path does to a probe and its reply; every probability is from 0 to 1.
public struct LinkModel: Sendable {
  /// Time in this host's egress.
  public var egressDelay = Duration.microseconds(5)
  /// Time from device to device and back.
  public var networkDelay = Duration.milliseconds(1)
  /// Random addition to the network's time, evenly from zero.
  public var jitter = Duration.zero
  /// Time in this host's ingress.
  public var ingressDelay = Duration.microseconds(2)
  /// Loss between queue and device.
  public var egressLoss = 0.0
  /// Loss of the SYN in the network.
  public var forwardLoss = 0.0
  /// Loss of a reply in the network.
  public var returnLoss = 0.0
  /// Loss between device and delivery.
  public var ingressLoss = 0.0
  /// A reply that arrives twice.
  public var duplication = 0.0
  /// A target that answers RST.
  public var reset = 0.0
  /// A router that answers with an ICMP error.
  public var unreachable = 0.0
  /// A SYN that this host refuses to send.
  public var refusal = 0.0
  /// A forged SYN-ACK beside the probe.
  public var forgery = 0.0
  /// Each stamp of the way out, missing.
  public var missingStamp = 0.0
  /// Whether the target repeats a SYN-ACK that no RST has answered after 1, 3 and 7 s.
  public var repeatsSynAck = true

  /// A quick and faithful path.
  public init() {}
}
