/// A part of the way of a probe and its answer.
public enum Segment: String, CaseIterable, Hashable, Sendable {
  /// This host's queueing disciplines.
  case egress
  /// All beyond this host's device.
  case network
  /// This host's traffic control and netfilter on the way in.
  case ingress
}
