/// The fields of an IPv4 (RFC 791) or IPv6 (RFC 8200) header that matching a reply needs.
public struct IPHeader: Hashable, Sendable {
  /// Who sent the packet.
  public let source: IPAddress
  /// Whom it is for.
  public let destination: IPAddress
  /// Time to live, or hop limit, as it arrived.
  public let hopLimit: UInt8
  /// The protocol of the payload, behind any IPv6 extension headers.
  public let payloadProtocol: UInt8
  /// Where the payload lies in the bytes that were parsed; it may end beyond them when the capture cut the packet.
  public let payload: Range<Int>
  /// How the packet was made; nil where the header itself was not there to read.
  public let fields: IPFields?

  /// The numbers of IANA's protocol registry that are met here.
  public enum Number {
    /// ICMP for IPv4.
    public static let icmp: UInt8 = 1
    /// TCP.
    public static let tcp: UInt8 = 6
    /// ICMP for IPv6.
    public static let icmpv6: UInt8 = 58
  }

  /// Reads the header that starts at `offset`.
  /// - Throws: `WireError` when it is cut, inconsistent, or the packet is not a first fragment.
  public static func parse(_ bytes: RawSpan, at offset: Int = 0) throws(WireError) -> IPHeader {
    guard let first = bytes.octet(at: offset) else { throw .truncated }
    switch first >> 4 {
    case 4: return try parseV4(bytes, at: offset)
    case 6: return try parseV6(bytes, at: offset)
    default: throw .badVersion
    }
  }

  private static func parseV4(_ bytes: RawSpan, at offset: Int) throws(WireError) -> IPHeader {
    guard let first = bytes.octet(at: offset), let tos = bytes.octet(at: offset + 1),
      let total = bytes.uint16(at: offset + 2), let identification = bytes.uint16(at: offset + 4),
      let fragment = bytes.uint16(at: offset + 6), let hops = bytes.octet(at: offset + 8),
      let next = bytes.octet(at: offset + 9), let source = bytes.address(.v4, at: offset + 12),
      let destination = bytes.address(.v4, at: offset + 16)
    else { throw .truncated }
    let header = Int(first & 0x0f) * 4
    guard header >= 20 else { throw .badLength }
    // A length of 0 is a segment that the device will cut (offload): then all that was captured belongs to it.
    let length = total == 0 ? bytes.byteCount - offset : Int(total)
    guard length >= header else { throw .badLength }
    guard fragment & 0x1fff == 0 else { throw .fragment }
    return IPHeader(
      source: source, destination: destination, hopLimit: hops, payloadProtocol: next,
      payload: offset + header..<offset + length,
      fields: IPFields(
        totalLength: total, identification: identification, hasFragmentBits: fragment != 0, trafficClass: tos))
  }

  private static func parseV6(_ bytes: RawSpan, at offset: Int) throws(WireError) -> IPHeader {
    guard let start = bytes.uint16(at: offset), let length = bytes.uint16(at: offset + 4),
      let next = bytes.octet(at: offset + 6),
      let hops = bytes.octet(at: offset + 7), let source = bytes.address(.v6, at: offset + 8),
      let destination = bytes.address(.v6, at: offset + 24)
    else { throw .truncated }
    let end = length == 0 ? bytes.byteCount : offset + 40 + Int(length)
    let (final, payload) = try skipExtensions(bytes, first: next, at: offset + 40)
    guard payload <= end else { throw .badLength }
    let total = length.addingReportingOverflow(40)
    return IPHeader(
      source: source, destination: destination, hopLimit: hops, payloadProtocol: final, payload: payload..<end,
      fields: IPFields(
        totalLength: length == 0 || total.overflow ? 0 : total.partialValue,
        trafficClass: UInt8(truncatingIfNeeded: start >> 4)))
  }

  private enum Extension {
    static let hopByHop: UInt8 = 0
    static let routing: UInt8 = 43
    static let fragment: UInt8 = 44
    static let destination: UInt8 = 60
  }

  /// Walks the chain of extension headers (RFC 8200 section 4), at most eight of them.
  private static func skipExtensions(
    _ bytes: RawSpan, first: UInt8, at start: Int
  ) throws(WireError) -> (next: UInt8, offset: Int) {
    var next = first
    var offset = start
    for _ in 0..<8 {
      switch next {
      case Extension.hopByHop, Extension.routing, Extension.destination:
        guard let following = bytes.octet(at: offset), let units = bytes.octet(at: offset + 1) else { throw .truncated }
        next = following
        offset += 8 + Int(units) * 8
      case Extension.fragment:
        guard let following = bytes.octet(at: offset), let field = bytes.uint16(at: offset + 2) else {
          throw .truncated
        }
        guard field & 0xfff8 == 0 else { throw .fragment }
        next = following
        offset += 8
      default:
        return (next, offset)
      }
    }
    throw .tooManyExtensions
  }
}
