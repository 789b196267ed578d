public import SynWire

/// The first answer of a target.
public struct SweepAnswer: Hashable, Sendable {
  /// What it says.
  public enum Outcome: Hashable, Sendable {
    /// A SYN-ACK.
    case open
    /// A RST.
    case closed
    /// An ICMP error that ends a handshake.
    case filtered(ICMPError)
  }

  /// Who was asked.
  public let target: Endpoint
  /// What came of it.
  public let outcome: Outcome
  /// From the SYN at the device to the answer at the device; nil where the time of the SYN is not known any more,
  /// or it was not the only one.
  public let roundTrip: Duration?
  /// The hop limit of the answer; nil for an ICMP error.
  public let hopLimit: UInt8?
}

/// What a sweep counts.
public struct SweepTally: Hashable, Sendable {
  /// SYNs that left.
  public internal(set) var sent: UInt64 = 0
  /// Targets that this host refused to send to.
  public internal(set) var refused: UInt64 = 0
  /// Targets whose first answer was a SYN-ACK.
  public internal(set) var open: UInt64 = 0
  /// Targets whose first answer was a RST.
  public internal(set) var closed: UInt64 = 0
  /// Targets whose first answer was an ICMP error.
  public internal(set) var filtered: UInt64 = 0
  /// Answers of targets that had answered.
  public internal(set) var duplicates: UInt64 = 0
  /// First answers that came after the timeout, and count as none.
  public internal(set) var late: UInt64 = 0
  /// Segments and errors that answer no SYN of this sweep.
  public internal(set) var unmatched: UInt64 = 0

  /// Nothing yet.
  public init() {}

  /// Targets that answered.
  public var answered: UInt64 { open + closed + filtered }
}
