import SynTesting
import Testing

@testable import SynWire

/// Label stacks in ICMP errors, written octet by octet from the figures of RFC 4884 and RFC 4950.
@Suite struct MPLSLabels {
  /// Labels 16 (TTL 1) and 1048575 (class 5, the bottom, TTL 255).
  static let objects: [UInt8] = [0, 12, 1, 1, 0x00, 0x01, 0x00, 0x01, 0xff, 0xff, 0xfb, 0xff]

  /// An error about a TCP segment whose quote is padded to 128 octets, with extensions behind it.
  static func message(
    v6: Bool = false, length: UInt8?, version: UInt8 = 0x20, objects: [UInt8] = objects, sum: UInt16? = nil
  ) -> [UInt8] {
    let header = v6 ? 40 : 20
    let original = v6 ? Packets.unreachableV6 : Packets.prohibitedV4
    var packet = original + Array(repeating: 0, count: header + 8 + 128 - original.count)
    packet[header] = v6 ? 3 : 11
    packet[header + 1] = 0
    if let length { packet[header + (v6 ? 4 : 5)] = length }
    var extensions: [UInt8] = [version, 0, 0, 0] + objects
    let right = ~(Checksum.sum(extensions.span.bytes, in: 0..<extensions.count) ?? 0)
    let written = sum ?? right
    extensions[2] = UInt8(written >> 8)
    extensions[3] = UInt8(truncatingIfNeeded: written)
    packet += extensions
    let size = packet.count - (v6 ? 40 : 0)
    packet.replaceSubrange(v6 ? 4..<6 : 2..<4, with: [UInt8(size >> 8), UInt8(size & 0xff)])
    return Packets.summed(packet)
  }

  private static func stack(_ packet: [UInt8]) -> [MPLSLabel] {
    if case .icmp(let error) = Packets.parse(packet) { error.labels } else { [] }
  }

  @Test(
    arguments: [
      ("IPv4 with a length", message(length: 32)), ("IPv6 with a length", message(v6: true, length: 16)),
      ("a router that gives no length", message(length: nil)), ("IPv6 without one", message(v6: true, length: nil)),
      ("no sum", message(length: 32, sum: 0)),
      ("another object ahead", message(length: 32, objects: [0, 8, 2, 1, 1, 2, 3, 4] + objects)),
    ])
  func theStackIsRead(_ name: String, _ packet: [UInt8]) {
    let stack = Self.stack(packet)
    #expect(stack.map(\.label) == [16, 1_048_575], "\(name)")
    #expect(stack.map(\.timeToLive) == [1, 255] && stack.map(\.trafficClass) == [0, 5])
    #expect(stack.map(\.isBottom) == [false, true])
    guard case .icmp(let error) = Packets.parse(packet) else { return #expect(Bool(false), "no error") }
    #expect(error.isTimeExceeded)
  }

  @Test(
    arguments: [
      ("no extension", Packets.summed(Packets.prohibitedV4)), ("a wrong sum", message(length: 32, sum: 0x1234)),
      ("no length and no sum", message(length: nil, sum: 0)), ("another version", message(length: 32, version: 0x10)),
      ("a length beyond the end", message(length: 255)), ("no object", message(length: 32, objects: [])),
      ("an object of no length", message(length: 32, objects: [0, 0, 1, 1, 0, 1, 0, 1])),
      ("an object that is longer than the message", message(length: 32, objects: [0, 200, 1, 1, 0, 1, 0, 1])),
      ("an object of another class", message(length: 32, objects: [0, 8, 2, 1, 0, 1, 0, 1])),
      ("a SYN-ACK", Packets.summed(Packets.synAckV4)), ("nothing", []),
    ] as [(String, [UInt8])])
  func whatIsNotWellFormedHasNone(_ name: String, _ packet: [UInt8]) {
    #expect(Self.stack(packet).isEmpty, "\(name)")
  }

  @Test func aStackIsCutWhereItIsTooDeep() {
    let entries = Array(repeating: [UInt8](arrayLiteral: 0, 1, 0, 1), count: 40).flatMap { $0 }
    #expect(Self.stack(Self.message(length: 32, objects: [0, 164, 1, 1] + entries)).count == MPLSLabel.most)
  }

  /// Cut anywhere, or with any octets changed: labels or none, and no trap.
  @Test func nothingThatIsReceivedTraps() {
    var generator = SeededGenerator(seed: 4_950)
    let packets = [Self.message(length: 32), Self.message(v6: true, length: 16), Self.message(length: nil)]
    for packet in packets {
      for length in 0...packet.count { _ = Self.stack(Array(packet[..<length])) }
      for _ in 0..<5_000 {
        var changed = packet
        for _ in 0..<3 {
          changed[Int(generator.next() % UInt64(changed.count))] = UInt8(truncatingIfNeeded: generator.next())
        }
        #expect(Self.stack(changed).count <= MPLSLabel.most)
      }
    }
  }
}
