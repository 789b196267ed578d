/// The control bits of a TCP header (RFC 9293 section 3.1, RFC 3168 for ECE and CWR).
public struct TCPFlags: OptionSet, Hashable, Sendable, Codable {
  /// The eight bits of the flags octet.
  public let rawValue: UInt8

  /// Wraps the flags octet of a header.
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// No more data from the sender.
  public static let fin = TCPFlags(rawValue: 0x01)
  /// Synchronise sequence numbers.
  public static let syn = TCPFlags(rawValue: 0x02)
  /// Reset the connection.
  public static let rst = TCPFlags(rawValue: 0x04)
  /// Push.
  public static let psh = TCPFlags(rawValue: 0x08)
  /// The acknowledgement field is significant.
  public static let ack = TCPFlags(rawValue: 0x10)
  /// The urgent pointer is significant.
  public static let urg = TCPFlags(rawValue: 0x20)
  /// ECN echo.
  public static let ece = TCPFlags(rawValue: 0x40)
  /// Congestion window reduced.
  public static let cwr = TCPFlags(rawValue: 0x80)
}

extension TCPFlags: CustomStringConvertible {
  /// The names of the bits that are set, as `SYN-ACK`, or `none`.
  public var description: String {
    let names: [(TCPFlags, String)] = [
      (.syn, "SYN"), (.fin, "FIN"), (.rst, "RST"), (.psh, "PSH"), (.ack, "ACK"), (.urg, "URG"), (.ece, "ECE"),
      (.cwr, "CWR"),
    ]
    let set = names.filter { contains($0.0) }.map(\.1)
    return set.isEmpty ? "none" : set.joined(separator: "-")
  }
}
