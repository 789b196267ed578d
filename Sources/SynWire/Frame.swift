/// One captured packet, as far as it concerns a TCP prober.
public enum Frame: Hashable, Sendable {
  /// A TCP segment.
  case tcp(TCPSegment)
  /// An ICMP or ICMPv6 error that quotes a TCP segment.
  case icmp(ICMPError)
  /// Neither, and why.
  case other(WireError)

  /// Reads a frame as `link` lays it out.
  ///
  /// Nothing in the bytes can make this fail in another way than `.other`.
  public static func parse(_ bytes: RawSpan, link: LinkType) -> Frame {
    do throws(WireError) {
      return try parsePacket(bytes, at: link.networkOffset(in: bytes))
    } catch {
      return .other(error)
    }
  }

  private static func parsePacket(_ bytes: RawSpan, at offset: Int) throws(WireError) -> Frame {
    let header = try IPHeader.parse(bytes, at: offset)
    if header.source.family == .v4 { try verifyHeader(bytes, in: offset..<header.payload.lowerBound) }
    switch (header.payloadProtocol, header.source.family) {
    case (IPHeader.Number.tcp, _): return .tcp(try TCPSegment.parse(bytes, in: header))
    case (IPHeader.Number.icmp, .v4), (IPHeader.Number.icmpv6, .v6):
      return .icmp(try ICMPError.parse(bytes, in: header))
    default: throw .otherProtocol(header.payloadProtocol)
    }
  }

  /// No device is left to compute this sum (RFC 791): where it is wrong, this host's kernel refuses the packet.
  private static func verifyHeader(_ bytes: RawSpan, in range: Range<Int>) throws(WireError) {
    guard let sum = Checksum.sum(bytes, in: range) else { throw .truncated }
    if sum != 0xffff { throw .badHeaderChecksum }
  }

  /// Reads what an IPv6 raw socket delivers: a TCP segment whose IP header the kernel tells apart from it.
  public static func parseSegment(
    _ bytes: RawSpan, source: IPAddress, destination: IPAddress, hopLimit: UInt8
  ) -> Frame {
    let header = IPHeader(
      source: source, destination: destination, hopLimit: hopLimit, payloadProtocol: IPHeader.Number.tcp,
      payload: 0..<bytes.byteCount, fields: nil)
    do throws(WireError) {
      return .tcp(try TCPSegment.parse(bytes, in: header))
    } catch {
      return .other(error)
    }
  }
}
