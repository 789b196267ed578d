/// An ICMP (RFC 792) or ICMPv6 (RFC 4443) error about a TCP segment of this host.
public struct ICMPError: Hashable, Sendable, Codable {
  /// Who sent the error: often a router on the way.
  public let sender: IPAddress
  /// The type field.
  public let type: UInt8
  /// The code field.
  public let code: UInt8
  /// The segment that the error quotes.
  public let quoted: QuotedSegment
  /// The labels with which the segment came to the sender, where the error tells them (RFC 4950); they are not encoded.
  public var labels: [MPLSLabel] = []

  private enum CodingKeys: String, CodingKey {
    case sender, type, code, quoted
  }

  /// Joins the fields.
  public init(sender: IPAddress, type: UInt8, code: UInt8, quoted: QuotedSegment) {
    self.sender = sender
    self.type = type
    self.code = code
    self.quoted = quoted
  }

  /// What an error is bound to quote of a TCP segment: its addresses and its first eight octets.
  public struct QuotedSegment: Hashable, Sendable, Codable {
    /// The source port: this host's.
    public let sourcePort: UInt16
    /// Where the segment was going.
    public let destination: Endpoint
    /// Its sequence number.
    public let sequence: SequenceNumber

    /// Joins the fields.
    public init(sourcePort: UInt16, destination: Endpoint, sequence: SequenceNumber) {
      self.sourcePort = sourcePort
      self.destination = destination
      self.sequence = sequence
    }

    /// Reads a quoted TCP header that starts at `offset`; eight octets are enough.
    public static func parse(
      _ bytes: RawSpan, at offset: Int = 0, destination: IPAddress
    ) throws(WireError) -> QuotedSegment {
      guard let sourcePort = bytes.uint16(at: offset), let port = bytes.uint16(at: offset + 2),
        let sequence = bytes.uint32(at: offset + 4)
      else { throw .truncated }
      return QuotedSegment(
        sourcePort: sourcePort, destination: Endpoint(address: destination, port: port),
        sequence: SequenceNumber(sequence))
    }
  }

  /// Reads the ICMP or ICMPv6 message that is the payload of `header`.
  /// - Throws: `.notAnError` for echo and the like, `.otherProtocol` when the quoted packet is not TCP, `.badMessageChecksum`
  ///   when it is damaged.
  static func parse(_ bytes: RawSpan, in header: IPHeader) throws(WireError) -> ICMPError {
    let start = header.payload.lowerBound
    guard let type = bytes.octet(at: start), let code = bytes.octet(at: start + 1) else { throw .truncated }
    guard isError(type, header.payloadProtocol) else { throw .notAnError }
    let inner = try IPHeader.parse(bytes, at: start + 8)
    guard inner.payloadProtocol == IPHeader.Number.tcp else { throw .otherProtocol(inner.payloadProtocol) }
    let quoted = try QuotedSegment.parse(bytes, at: inner.payload.lowerBound, destination: inner.destination)
    var error = ICMPError(sender: header.source, type: type, code: code, quoted: quoted)
    error.labels = MPLSLabel.stack(bytes, in: header)
    if Checksum.isWrong(messageOf: header, bytes) { throw .badMessageChecksum }
    return error
  }

  /// Destination unreachable, quench, redirect, time exceeded and parameter problem; for ICMPv6 every type below 128.
  private static func isError(_ type: UInt8, _ payloadProtocol: UInt8) -> Bool {
    payloadProtocol == IPHeader.Number.icmpv6 ? type < 128 : [3, 4, 5, 11, 12].contains(type)
  }
}

extension ICMPError: CustomStringConvertible {
  /// The meaning of type and code in the words of the RFCs, and who sent it.
  public var description: String { "\(meaning) from \(sender)" }

  /// The meaning of type and code in words.
  public var meaning: String {
    let names = sender.family == .v6 ? ICMPError.namesV6 : ICMPError.namesV4
    return names[Int(type) << 8 | Int(code)] ?? "ICMP\(sender.family == .v6 ? "v6" : "") type \(type) code \(code)"
  }

  /// Whether a handshake ends with it, as Linux has it (tcp_v4_err, tcp_v6_err in SYN-SENT): not for a path's MTU, a
  /// redirect or a quench, which tell of the path and not of the target.
  public var endsHandshake: Bool {
    sender.family == .v6 ? type != 2 : type != 4 && type != 5 && !(type == 3 && code == 4)
  }

  /// Whether a host behind the last hop does not answer to ARP or ND, in the words of who asked it.
  public var isHostUnreachable: Bool { sender.family == .v6 ? type == 1 && code == 3 : type == 3 && code == 1 }

  /// Whether a router gave the segment up because its hop limit was used up.
  public var isTimeExceeded: Bool { code == 0 && type == (sender.family == .v6 ? 3 : 11) }

  private static let namesV4: [Int: String] = [
    0x300: "network unreachable", 0x301: "host unreachable", 0x302: "protocol unreachable",
    0x303: "port unreachable", 0x304: "fragmentation needed", 0x305: "source route failed",
    0x309: "network administratively prohibited", 0x30a: "host administratively prohibited",
    0x30d: "communication administratively prohibited", 0x30e: "host precedence violation",
    0x30f: "precedence cutoff in effect", 0x400: "source quench", 0x500: "redirect for the network",
    0x501: "redirect for the host", 0xb00: "time to live exceeded in transit",
    0xb01: "fragment reassembly time exceeded",
  ]

  private static let namesV6: [Int: String] = [
    0x100: "no route to destination", 0x101: "communication administratively prohibited",
    0x102: "beyond scope of source address", 0x103: "address unreachable", 0x104: "port unreachable",
    0x105: "source address failed ingress policy", 0x106: "reject route to destination", 0x200: "packet too big",
    0x300: "hop limit exceeded in transit", 0x301: "fragment reassembly time exceeded",
  ]
}
