/// A TCP sequence number: an integer modulo 2³², whose arithmetic never traps (RFC 9293 section 3.4).
public struct SequenceNumber: Hashable, Sendable, Codable {
  /// The number as it stands in the header, in host byte order.
  public let rawValue: UInt32

  /// Wraps the 32 bits of a header field.
  public init(_ rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// The number `count` octets further on the circle.
  public func advanced(by count: UInt32) -> SequenceNumber {
    SequenceNumber(rawValue &+ count)
  }

  /// Whether this number lies before `other` on the nearer way round the circle.
  public func precedes(_ other: SequenceNumber) -> Bool {
    Int32(truncatingIfNeeded: rawValue &- other.rawValue) < 0
  }
}

extension SequenceNumber: CustomStringConvertible {
  /// The number in decimal, as tcpdump prints it.
  public var description: String { String(rawValue) }
}
