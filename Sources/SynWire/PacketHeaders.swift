/// The headers of one packet from IP's on, without what they carry: what may be kept of it.
public struct PacketHeaders: Hashable, Sendable, Codable {
  /// IP's header and TCP's with their options, or an ICMP error with the headers that it quotes.
  public let octets: [UInt8]
  /// Bytes of the whole packet as it went over the wire.
  public let length: Int

  /// Copies them out of a frame.
  /// - Returns: Nil for a frame of which `Frame.parse` reads nothing.
  public init?(of frame: RawSpan, link: LinkType) {
    guard let start = try? link.networkOffset(in: frame), let header = try? IPHeader.parse(frame, at: start) else {
      return nil
    }
    let end: Int?
    switch header.payloadProtocol {
    case IPHeader.Number.tcp: end = PacketHeaders.endOfTCP(frame, at: header.payload.lowerBound)
    case IPHeader.Number.icmp, IPHeader.Number.icmpv6: end = PacketHeaders.endOfQuote(frame, header)
    default: end = nil
    }
    guard let end, end <= frame.byteCount else { return nil }
    octets = (start..<end).compactMap { frame.octet(at: $0) }
    length = max(header.payload.upperBound - start, octets.count)
  }

  /// Puts the header in front of a segment that an IPv6 raw socket delivered without its own.
  public init?(of segment: RawSpan, source: IPAddress, destination: IPAddress, hopLimit: UInt8) {
    guard source.family == .v6, destination.family == .v6, let end = PacketHeaders.endOfTCP(segment, at: 0),
      end <= segment.byteCount, let bytes = UInt16(exactly: segment.byteCount)
    else { return nil }
    let header = [0x60, 0, 0, 0, UInt8(bytes >> 8), UInt8(truncatingIfNeeded: bytes), IPHeader.Number.tcp, hopLimit]
    octets = header + source.octets + destination.octets + (0..<end).compactMap { segment.octet(at: $0) }
    length = 40 + segment.byteCount
  }

  private static func endOfTCP(_ bytes: RawSpan, at start: Int) -> Int? {
    guard let offset = bytes.octet(at: start + 12) else { return nil }
    let length = Int(offset >> 4) * 4
    return length >= 20 ? start + length : nil
  }

  /// A quote may be cut behind the first eight octets of the segment (RFC 792).
  private static func endOfQuote(_ bytes: RawSpan, _ header: IPHeader) -> Int? {
    let start = header.payload.lowerBound + 8
    guard let inner = try? IPHeader.parse(bytes, at: start), inner.payloadProtocol == IPHeader.Number.tcp else {
      return nil
    }
    let there = min(header.payload.upperBound, bytes.byteCount)
    let segment = inner.payload.lowerBound
    return min(endOfTCP(bytes, at: segment) ?? segment + 8, there)
  }
}
