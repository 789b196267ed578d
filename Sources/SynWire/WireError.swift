/// Why received bytes are not a segment of ours to look at.
public enum WireError: Error, Hashable, Sendable {
  /// A header or a field ends after the last byte.
  case truncated
  /// The frame carries something other than IPv4 or IPv6.
  case notIP
  /// The version field is neither 4 nor 6, or not the one that the frame announced.
  case badVersion
  /// A length field is smaller than its own header or larger than what surrounds it.
  case badLength
  /// The IPv4 header's checksum is wrong: the packet was damaged on its way, and a kernel drops it.
  case badHeaderChecksum
  /// The checksum of an ICMP message is wrong: it was damaged on its way, and a kernel drops it.
  case badMessageChecksum
  /// Not the first fragment: there is no TCP header in it.
  case fragment
  /// More IPv6 extension headers than any real packet has.
  case tooManyExtensions
  /// The packet carries neither TCP nor an ICMP error.
  case otherProtocol(UInt8)
  /// An ICMP message that is no error, such as an echo reply.
  case notAnError
}

extension WireError {
  /// A word for a counter.
  public var name: String {
    switch self {
    case .truncated: "truncated"
    case .notIP: "not_ip"
    case .badVersion: "bad_version"
    case .badLength: "bad_length"
    case .badHeaderChecksum: "bad_header_checksum"
    case .badMessageChecksum: "bad_message_checksum"
    case .fragment: "fragment"
    case .tooManyExtensions: "too_many_extensions"
    case .otherProtocol: "other_protocol"
    case .notAnError: "not_an_error"
    }
  }
}
