/// Where a fault sits, as far as one end can tell.
public enum FaultPlace: String, CaseIterable, Hashable, Sendable, Codable {
  /// This host's queueing disciplines.
  case egress
  /// Beyond this host's device, on the way to the target.
  case forward
  /// Beyond this host's device, on the way back.
  case back
  /// Beyond this host's device, either way.
  case network
  /// This host's traffic control and netfilter on the way in.
  case ingress

  /// The place that is a whole segment.
  public init(_ segment: Segment) {
    switch segment {
    case .egress: self = .egress
    case .network: self = .network
    case .ingress: self = .ingress
    }
  }

  /// The segment in which it lies.
  public var segment: Segment {
    switch self {
    case .egress: .egress
    case .forward, .back, .network: .network
    case .ingress: .ingress
    }
  }

  /// The one way through the network that it means; nil where it means none alone.
  public var way: LossWay? { LossWay(rawValue: rawValue) }

  /// Whether what is at `other` is here too: a segment has both of its ways.
  func includes(_ other: FaultPlace) -> Bool {
    way == nil ? other.segment == segment : other == self
  }

  /// All of them, for a sentence.
  static var list: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
