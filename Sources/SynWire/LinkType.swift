/// How a capture device frames its packets: what libpcap calls the link-layer header type.
public enum LinkType: Hashable, Sendable {
  /// DLT_EN10MB: Ethernet, the loopback device, veth; VLAN tags are stepped over.
  case ethernet
  /// DLT_RAW: the packet starts with its IP header, as on a tun device.
  case rawIP
  /// DLT_NULL and DLT_LOOP: four octets of protocol family, then IP.
  case loopback
  /// DLT_LINUX_SLL: "cooked" capture, version 1.
  case linuxCooked1
  /// DLT_LINUX_SLL2: "cooked" capture, version 2.
  case linuxCooked2

  /// The link type of libpcap's number `dlt`, or nil for one whose frames are not understood here.
  public init?(dlt: Int32) {
    switch dlt {
    case 1: self = .ethernet
    case 0, 108: self = .loopback
    case 12, 101: self = .rawIP
    case 113: self = .linuxCooked1
    case 276: self = .linuxCooked2
    default: return nil
    }
  }

  private enum EtherType {
    static let ipv4: UInt16 = 0x0800
    static let ipv6: UInt16 = 0x86dd
    /// 802.1Q, 802.1ad and the older QinQ tag.
    static let tags: Set<UInt16> = [0x8100, 0x88a8, 0x9100]
  }

  /// Where the IP header starts in `frame`.
  func networkOffset(in frame: RawSpan) throws(WireError) -> Int {
    switch self {
    case .rawIP: return 0
    case .loopback: return 4
    case .ethernet: return try skipTags(frame, etherTypeAt: 12, payloadAt: 14)
    case .linuxCooked1: return try skipTags(frame, etherTypeAt: 14, payloadAt: 16)
    case .linuxCooked2: return try skipTags(frame, etherTypeAt: 0, payloadAt: 20)
    }
  }

  /// Steps over at most two VLAN tags of four octets each.
  private func skipTags(_ frame: RawSpan, etherTypeAt: Int, payloadAt: Int) throws(WireError) -> Int {
    var typeAt = etherTypeAt
    var offset = payloadAt
    for _ in 0...2 {
      guard let type = frame.uint16(at: typeAt) else { throw .truncated }
      if type == EtherType.ipv4 || type == EtherType.ipv6 { return offset }
      guard EtherType.tags.contains(type) else { throw .notIP }
      typeAt = offset + 2
      offset += 4
    }
    throw .notIP
  }
}
