/// The Internet checksum (RFC 1071).
public enum Checksum {
  /// What the checksum field of a captured segment says about it.
  public enum State: Hashable, Sendable {
    /// The field is the right sum.
    case correct
    /// The field is the bare pseudo-header sum that checksum offload leaves to the device: normal on local paths.
    case offloaded
    /// Neither: the segment was damaged on its way, and a kernel would refuse it.
    case wrong
    /// The capture cut the segment, so nothing can be said.
    case unverified
  }

  /// The one's-complement sum of `range`, with the carries folded in until none is left; an odd octet is padded.
  public static func sum(_ bytes: RawSpan, in range: Range<Int>, adding initial: UInt64 = 0) -> UInt16? {
    var sum = initial
    var offset = range.lowerBound
    while offset + 1 < range.upperBound {
      guard let word = bytes.uint16(at: offset) else { return nil }
      sum += UInt64(word)
      offset += 2
    }
    if offset < range.upperBound {
      guard let octet = bytes.octet(at: offset) else { return nil }
      sum += UInt64(octet) << 8
    }
    return fold(sum)
  }

  /// The sum of the pseudo header, by default that of TCP (RFC 9293 section 3.1, RFC 8200 section 8.1).
  public static func pseudoHeaderSum(
    source: IPAddress, destination: IPAddress, length: Int, protocol number: UInt8 = IPHeader.Number.tcp
  ) -> UInt16 {
    fold(words(source) + words(destination) + UInt64(number) + UInt64(length))
  }

  /// That of the payload behind `header`: ICMP for IPv4 has none.
  static func pseudoHeaderSum(of header: IPHeader) -> UInt64 {
    guard header.payloadProtocol != IPHeader.Number.icmp else { return 0 }
    return UInt64(
      pseudoHeaderSum(
        source: header.source, destination: header.destination, length: header.payload.count,
        protocol: header.payloadProtocol))
  }

  /// Whether the ICMP or ICMPv6 message behind `header` was damaged on its way; not where the capture cut it.
  static func isWrong(messageOf header: IPHeader, _ bytes: RawSpan) -> Bool {
    sum(bytes, in: header.payload, adding: pseudoHeaderSum(of: header)).map { $0 != 0xffff } ?? false
  }

  /// Judges the TCP segment in `range` of `bytes`.
  static func judge(_ bytes: RawSpan, in range: Range<Int>, source: IPAddress, destination: IPAddress) -> State {
    let pseudo = pseudoHeaderSum(source: source, destination: destination, length: range.count)
    guard let field = bytes.uint16(at: range.lowerBound + 16), let sum = sum(bytes, in: range, adding: UInt64(pseudo))
    else { return .unverified }
    if sum == 0xffff { return .correct }
    return field == pseudo ? .offloaded : .wrong
  }

  private static func words(_ address: IPAddress) -> UInt64 {
    (0..<8).reduce(0) { $0 + UInt64(truncatingIfNeeded: address.bits >> UInt128($1 * 16) & 0xffff) }
  }

  private static func fold(_ sum: UInt64) -> UInt16 {
    var sum = sum
    while sum >> 16 != 0 { sum = sum & 0xffff + sum >> 16 }
    return UInt16(truncatingIfNeeded: sum)
  }
}
