/// Where a queueing discipline sits, as seen from the host that probes.
public enum FaultPath: String, CaseIterable, Hashable, Sendable {
  /// On this host's own way out.
  case egress
  /// At the target: on the way of its replies, beyond this host's device.
  case peer
  /// At both.
  case both

  /// How many times a probe and its reply pass it.
  public var passes: Int { self == .both ? 2 : 1 }

  /// The segment in which its delay and its loss are; nil where they are in two.
  public var segment: Segment? {
    switch self {
    case .egress: .egress
    case .peer: .network
    case .both: nil
    }
  }
}
