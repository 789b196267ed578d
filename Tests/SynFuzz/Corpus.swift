/// Right inputs for every entry point, from which the mutator starts; the first octet is the entry point's number.
enum Corpus {
  static let inputs: [[UInt8]] = packets + texts

  private static let v4 = [0xc0, 0x00, 0x02, 0x02, 0xc0, 0x00, 0x02, 0x01] as [UInt8]
  private static let options: [UInt8] = [
    0x02, 0x04, 0x05, 0xb4, 0x04, 0x02, 0x08, 0x0a, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x01, 0x03, 0x03,
    0x07,
  ]

  private static func v6(_ last: UInt8) -> [UInt8] {
    [0x20, 0x01, 0x0d, 0xb8] + Array(repeating: 0, count: 11) + [last]
  }

  /// Port 80 to 61000, acknowledging 0xa0b0c0cf.
  private static func tcp(_ flags: UInt8, _ options: [UInt8]) -> [UInt8] {
    [
      0x00, 0x50, 0xee, 0x48, 1, 2, 3, 4, 0xa0, 0xb0, 0xc0, 0xd0, UInt8(5 + options.count / 4) << 4, flags, 0xfe, 0x88,
      0, 0, 0, 0,
    ]
      + options
  }

  private static func ipv4(_ number: UInt8, _ payload: [UInt8], _ addresses: [UInt8] = v4) -> [UInt8] {
    [0x45, 0, 0, UInt8(20 + payload.count), 0, 0, 0x40, 0, 0x40, number, 0, 0] + addresses + payload
  }

  private static func ipv6(_ number: UInt8, _ payload: [UInt8], _ source: UInt8 = 2, _ destination: UInt8 = 1)
    -> [UInt8]
  {
    [0x60, 0, 0, 0, 0, UInt8(payload.count), number, 0x3f] + v6(source) + v6(destination) + payload
  }

  private static let ipPackets: [[UInt8]] = {
    let quoted4 = ipv4(6, [0xee, 0x48, 0x00, 0x50, 0xa0, 0xb0, 0xc0, 0xcf], [192, 0, 2, 1, 192, 0, 2, 2])
    let quoted6 = ipv6(6, [0xee, 0x48, 0x00, 0x50, 0xa0, 0xb0, 0xc0, 0xcf], 1, 2)
    return [
      ipv4(6, tcp(0x12, options)), ipv4(6, tcp(0x14, [])), ipv4(6, tcp(0x10, [])), ipv4(6, tcp(0x02, options)),
      sealed(ipv4(1, [3, 13, 0, 0, 0, 0, 0, 0] + quoted4)), sealed(ipv4(1, [11, 0, 0, 0, 0, 0, 0, 0] + quoted4)),
      ipv6(6, tcp(0x12, options)), ipv6(6, tcp(0x14, [])), sealed(ipv6(58, [1, 3, 0, 0, 0, 0, 0, 0] + quoted6)),
      // A hop-by-hop and a destination option header in between.
      ipv6(0, [60, 0, 1, 4, 0, 0, 0, 0, 6, 0, 1, 4, 0, 0, 0, 0] + tcp(0x12, options)),
    ]
  }()

  /// The packet with the right sums: an error with a wrong one is damaged, and is not looked into.
  private static func sealed(_ packet: [UInt8]) -> [UInt8] {
    var packet = packet
    Seal.set(&packet, at: 0)
    return packet
  }

  private static let packets: [[UInt8]] = ipPackets.flatMap { packet -> [[UInt8]] in
    let isV6 = packet[0] >> 4 == 6
    let type: [UInt8] = isV6 ? [0x86, 0xdd] : [0x08, 0x00]
    let addresses: [UInt8] = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2]
    return [
      [0] + addresses + type + packet, [0] + addresses + [0x81, 0, 0, 10] + type + packet,
      [0] + addresses + [0x88, 0xa8, 0, 11, 0x81, 0, 0, 10] + type + packet, [1] + packet,
      [2, 2, 0, 0, 0] + packet, [3, 0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 2, 0, 0] + type + packet,
      [4] + type + [0, 0, 0, 0, 0, 3, 0, 1, 0, 6, 2, 0, 0, 0, 0, 2, 0, 0] + packet,
      [5] + packet.dropFirst(isV6 ? 40 : 20), [6] + packet.suffix(8),
    ]
  }

  private static let texts: [[UInt8]] =
    [
      "192.0.2.1:80", "[2001:db8::1]:443", "[fe80::1%lo]:80", "web.example:8080", "::ffff:192.0.2.1", "20ms", "1.5s",
      "100us", "65535", "0x50", "1:2:3:4:5:6:7:8", "::", "host name", "é:80",
    ].map { [7] + Array($0.utf8) } + [
      [8] + Array("Name:\tx\nUid:\t0\t0\t0\t0\nSigBlk:\tfffffffe7ffbfeff\nSigIgn:\t1000\nCapEff:\t2000\n".utf8)
    ]
}
