public import SynWire

/// How a probe ended: exactly one of seven.
public enum ProbeOutcome: Hashable, Sendable, Codable {
  /// A SYN-ACK that acknowledges the probe was delivered.
  case open
  /// A RST that acknowledges the probe was delivered.
  case closed
  /// An ICMP error quotes the probe.
  indirect case filtered(ICMPError)
  /// No answer within the timeout.
  case lost(LossPlace)
  /// This host refused to send the probe.
  case blocked(SendFailure)
  /// An answer from the target's port that fits no rule, with these flags.
  case unexpected(TCPFlags)
  /// The run ended while the probe waited.
  case cancelled

  /// The outcome without its particulars.
  public enum Kind: String, CaseIterable, Sendable, Codable {
    /// See `ProbeOutcome.open`.
    case open
    /// See `ProbeOutcome.closed`.
    case closed
    /// See `ProbeOutcome.filtered`.
    case filtered
    /// See `ProbeOutcome.lost`.
    case lost
    /// See `ProbeOutcome.blocked`.
    case blocked
    /// See `ProbeOutcome.unexpected`.
    case unexpected
    /// See `ProbeOutcome.cancelled`.
    case cancelled

    /// Whether the target itself answered, so that the round trip is one to the target.
    public var isAnswer: Bool { self == .open || self == .closed }
  }

  /// The outcome without its particulars.
  public var kind: Kind {
    switch self {
    case .open: .open
    case .closed: .closed
    case .filtered: .filtered
    case .lost: .lost
    case .blocked: .blocked
    case .unexpected: .unexpected
    case .cancelled: .cancelled
    }
  }

  /// Whether the target itself answered, so that the round trip is one to the target.
  public var isAnswer: Bool { kind.isAnswer }
}

/// Why a probe without an answer never left this host, where that is known.
public enum LossCause: Hashable, Sendable, Codable {
  /// The next hop's link address was asked for and not told (ARP, ND).
  case silentNeighbour(IPAddress)
  /// A filter of traffic control dropped it at the device, before its queue, which had room (clsact).
  case egressFilter
}

/// Where a probe without an answer went missing.
public enum LossPlace: String, CaseIterable, Sendable, Codable {
  /// Queued on this host and never handed to the device.
  case egress
  /// Handed to the device, and no reply reached it.
  case network
  /// The reply reached this host's device and was not delivered.
  case ingress
  /// A stamp is unavailable, or packets were dropped before they could be seen.
  case unknown
}
