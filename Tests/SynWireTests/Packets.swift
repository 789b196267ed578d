@testable import SynWire

/// Packets written octet by octet from the RFCs' figures.
enum Packets {
  /// 192.0.2.2:80 > 192.0.2.1:61000, SYN-ACK, MSS 1460, SACK permitted, timestamps, window scale 7.
  ///
  /// The sums are
  /// set by `summed`.
  static let synAckV4: [UInt8] = [
    0x45, 0x00, 0x00, 0x3c, 0x00, 0x00, 0x40, 0x00, 0x40, 0x06, 0xb6, 0xc0, 0xc0, 0x00, 0x02, 0x02, 0xc0, 0x00, 0x02,
    0x01, 0x00, 0x50, 0xee, 0x48, 0x01, 0x02, 0x03, 0x04, 0xa0, 0xb0, 0xc0, 0xd0, 0xa0, 0x12, 0xfe, 0x88, 0x00, 0x00,
    0x00, 0x00, 0x02, 0x04, 0x05, 0xb4, 0x04, 0x02, 0x08, 0x0a, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x01,
    0x03, 0x03, 0x07,
  ]

  /// [2001:db8::2]:80 > [2001:db8::1]:61000, RST-ACK.
  static let resetV6: [UInt8] =
    [0x60, 0, 0, 0, 0x00, 0x14, 0x06, 0x3f] + v6(2) + v6(1) + [
      0x00, 0x50, 0xee, 0x48, 0, 0, 0, 0, 0xa0, 0xb0, 0xc0, 0xd0, 0x50, 0x14, 0x00, 0x00, 0x00, 0x00, 0, 0,
    ]

  /// 198.51.100.1 says "communication administratively prohibited" about 192.0.2.1:61000 > 192.0.2.2:80.
  static let prohibitedV4: [UInt8] =
    [0x45, 0xc0, 0x00, 0x38, 0, 0, 0, 0, 0x40, 0x01, 0, 0, 198, 51, 100, 1, 192, 0, 2, 1]
    + [3, 13, 0, 0, 0, 0, 0, 0]
    + [0x45, 0, 0x00, 0x3c, 0, 0, 0x40, 0, 0x3f, 6, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2]
    + [0xee, 0x48, 0x00, 0x50, 0xa0, 0xb0, 0xc0, 0xcf]

  /// 2001:db8::ff says "address unreachable" about [2001:db8::1]:61000 > [2001:db8::2]:80.
  static let unreachableV6: [UInt8] =
    [0x60, 0, 0, 0, 0x00, 0x44, 0x3a, 0x40] + v6(0xff) + v6(1) + [1, 3, 0, 0, 0, 0, 0, 0]
    + [0x60, 0, 0, 0, 0x00, 0x14, 0x06, 0x3f] + v6(1) + v6(2)
    + [0xee, 0x48, 0x00, 0x50, 0xa0, 0xb0, 0xc0, 0xcf, 0, 0, 0, 0, 0x50, 0x02, 0, 0, 0, 0, 0, 0]

  static func v6(_ last: UInt8) -> [UInt8] { [0x20, 0x01, 0x0d, 0xb8] + Array(repeating: 0, count: 11) + [last] }

  static let ethernetV4: [UInt8] = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x00]
  static let ethernetV6: [UInt8] = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x86, 0xdd]
  static let tagged: [UInt8] = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x81, 0x00, 0x00, 0x0a, 0x08, 0x00]
  static let doublyTagged: [UInt8] =
    [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xa8, 0x00, 0x0b, 0x81, 0x00, 0x00, 0x0a, 0x08, 0x00]
  static let cooked1: [UInt8] = [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 2, 0, 0, 0x08, 0x00]
  static let cooked2: [UInt8] = [0x08, 0x00, 0, 0, 0, 0, 0, 3, 0, 1, 0, 6, 2, 0, 0, 0, 0, 2, 0, 0]
  static let null: [UInt8] = [2, 0, 0, 0]

  static func parse(_ bytes: [UInt8], _ link: LinkType = .rawIP) -> Frame {
    Frame.parse(bytes.span.bytes, link: link)
  }

  /// The same packet with the checksum of its IPv4 header set right, by the Swift side.
  static func headed(_ packet: [UInt8]) -> [UInt8] {
    var packet = packet
    let length = Int(packet[0] & 0x0f) * 4
    guard packet[0] >> 4 == 4, length >= 20, packet.count >= length else { return packet }
    packet[10] = 0
    packet[11] = 0
    let sum = ~(Checksum.sum(packet.span.bytes, in: 0..<length) ?? 0)
    packet[10] = UInt8(sum >> 8)
    packet[11] = UInt8(truncatingIfNeeded: sum)
    return packet
  }

  /// The same packet with the sum of its segment or message, and that of its IPv4 header, set right, by the Swift side.
  static func summed(_ packet: [UInt8]) -> [UInt8] {
    var packet = headed(packet)
    guard let header = try? IPHeader.parse(packet.span.bytes) else { return packet }
    let initial = Checksum.pseudoHeaderSum(of: header)
    let at = header.payload.lowerBound + (header.payloadProtocol == IPHeader.Number.tcp ? 16 : 2)
    packet[at] = 0
    packet[at + 1] = 0
    let sum = ~(Checksum.sum(packet.span.bytes, in: header.payload, adding: initial) ?? 0)
    packet[at] = UInt8(sum >> 8)
    packet[at + 1] = UInt8(truncatingIfNeeded: sum)
    return packet
  }

  /// The TCP checksum that `summed` writes into the packet.
  static func checksum(of packet: [UInt8]) -> UInt16 {
    let summed = summed(packet)
    guard let header = try? IPHeader.parse(summed.span.bytes) else { return 0 }
    return summed.span.bytes.uint16(at: header.payload.lowerBound + 16) ?? 0
  }
}
