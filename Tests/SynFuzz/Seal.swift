import SynWire

/// The sums of a packet without which nobody looks into it: those of an IPv4 header, and of an ICMP or ICMPv6 message.
enum Seal {
  /// Sets them right, where a packet seems to start there.
  static func set(_ bytes: inout [UInt8], at start: Int) {
    guard bytes.count >= start + 20 else { return }
    func field(_ at: Int) -> Int { Int(bytes[at]) << 8 | Int(bytes[at + 1]) }
    switch bytes[start] >> 4 {
    case 4:
      let length = Int(bytes[start] & 15) * 4
      let end = min(start + field(start + 2), bytes.count)
      guard length >= 20, bytes.count >= start + length else { return }
      sum(&bytes, start..<start + length, at: start + 10)
      guard bytes[start + 9] == IPHeader.Number.icmp, end > start + length else { return }
      sum(&bytes, start + length..<end, at: start + length + 2)
    case 6:
      let end = min(start + 40 + field(start + 4), bytes.count)
      guard bytes.count >= start + 40, bytes[start + 6] == IPHeader.Number.icmpv6 else { return }
      let addresses = Checksum.sum(bytes.span.bytes, in: start + 8..<start + 40) ?? 0
      let pseudo = UInt64(addresses) + UInt64(end - start - 40) + UInt64(IPHeader.Number.icmpv6)
      sum(&bytes, start + 40..<end, at: start + 42, adding: pseudo)
    default: break
    }
  }

  private static func sum(_ bytes: inout [UInt8], _ range: Range<Int>, at place: Int, adding initial: UInt64 = 0) {
    guard place + 2 <= range.upperBound else { return }
    bytes[place] = 0
    bytes[place + 1] = 0
    let sum = ~(Checksum.sum(bytes.span.bytes, in: range, adding: initial) ?? 0)
    bytes[place] = UInt8(truncatingIfNeeded: sum >> 8)
    bytes[place + 1] = UInt8(truncatingIfNeeded: sum)
  }
}
