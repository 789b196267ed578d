import CSyn
import SynTesting
import Testing

@testable import SynWire

/// The C builder and the Swift parser, each tested by the other.
@Suite struct Builder {
  static func address(_ address: IPAddress) -> csyn_address {
    var out = csyn_address()
    out.family = address.family == .v4 ? 4 : 6
    withUnsafeMutableBytes(of: &out.bytes) { $0.copyBytes(from: address.octets) }
    return out
  }

  static func random(_ family: IPAddress.Family, _ generator: inout SeededGenerator) -> IPAddress {
    let high = generator.next()
    let low = generator.next()
    return family == .v4
      ? IPAddress(v4: UInt32(truncatingIfNeeded: low)) : IPAddress(v6: UInt128(high) << 64 | UInt128(low))
  }

  static func segment(_ family: IPAddress.Family, _ generator: inout SeededGenerator) -> csyn_segment {
    var segment = csyn_segment()
    segment.source = address(random(family, &generator))
    segment.destination = address(random(family, &generator))
    segment.source_port = UInt16.random(in: 1...65_535, using: &generator)
    segment.destination_port = UInt16.random(in: 1...65_535, using: &generator)
    segment.sequence = UInt32.random(in: 0...UInt32.max, using: &generator)
    segment.timestamp = UInt32.random(in: 0...UInt32.max, using: &generator)
    segment.window = UInt16.random(in: 0...65_535, using: &generator)
    segment.maximum_segment = UInt16.random(in: 0...65_535, using: &generator)
    segment.options = UInt8.random(in: 0...2, using: &generator)
    return segment
  }

  @Test(arguments: [IPAddress.Family.v4, .v6]) func theParserReadsWhatTheBuilderWrote(_ family: IPAddress.Family) {
    var generator = SeededGenerator(seed: 11)
    for _ in 0..<2_000 {
      var wanted = Self.segment(family, &generator)
      var buffer = [UInt8](repeating: 0xa5, count: 80)
      let length = Int(csyn_build_syn(&wanted, &buffer, buffer.count))
      #expect(length == [40, 24, 20][Int(wanted.options)])
      #expect(buffer[length...].allSatisfy { $0 == 0xa5 }, "nothing is written behind the segment")
      let bytes = Array(buffer[..<length])
      let source = withUnsafeBytes(of: wanted.source.bytes) { IPAddress(octets: $0.prefix(family == .v4 ? 4 : 16)) }
      let destination = withUnsafeBytes(of: wanted.destination.bytes) {
        IPAddress(octets: $0.prefix(family == .v4 ? 4 : 16))
      }
      guard let source, let destination,
        case .tcp(let read) = Frame.parseSegment(
          bytes.span.bytes, source: source, destination: destination, hopLimit: 9)
      else { return #expect(Bool(false), "not parsed") }
      #expect(read.source.port == wanted.source_port && read.destination.port == wanted.destination_port)
      #expect(read.sequence == SequenceNumber(wanted.sequence) && read.acknowledgement == SequenceNumber(0))
      #expect(read.flags == .syn && read.window == wanted.window && read.checksum == .correct)
      let isFull = wanted.options == CSYN_OPTIONS_CLIENT.rawValue
      let mss = wanted.options == CSYN_OPTIONS_NONE.rawValue ? nil : wanted.maximum_segment
      #expect(read.options.maximumSegmentSize == mss && !read.options.isMalformed)
      #expect(read.options.timestamps == (isFull ? .init(value: wanted.timestamp, echo: 0) : nil))
      #expect(read.options.windowScale == (isFull ? 7 : nil) && read.options.permitsSelectiveAcknowledgement == isFull)
    }
  }

  @Test func theSynIsTheOneThatALinuxClientSends() {
    var segment = csyn_segment()
    segment.source = Self.address(IPAddress(v4: 0xc000_0201))
    segment.destination = Self.address(IPAddress(v4: 0xc000_0202))
    segment.source_port = 0xee48
    segment.destination_port = 80
    segment.sequence = 0x0102_0304
    segment.timestamp = 0x1122_3344
    segment.window = 64_240
    segment.maximum_segment = 1_460
    var buffer = [UInt8](repeating: 0xa5, count: 60)
    #expect(csyn_build_syn(&segment, &buffer, 60) == 40)
    let expected: [UInt8] = [
      0xee, 0x48, 0x00, 0x50, 1, 2, 3, 4, 0, 0, 0, 0, 0xa0, 0x02, 0xfa, 0xf0, buffer[16], buffer[17], 0, 0,
      2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0x11, 0x22, 0x33, 0x44, 0, 0, 0, 0, 1, 3, 3, 7,
    ]
    #expect(Array(buffer[..<40]) == expected)
  }

  @Test func theBuilderRefusesWhatItCannotWrite() {
    var segment = csyn_segment()
    segment.source = Self.address(IPAddress(v4: 1))
    segment.destination = Self.address(IPAddress(v6: 1))
    var buffer = [UInt8](repeating: 0xa5, count: 60)
    #expect(csyn_build_syn(&segment, &buffer, 60) == -22)
    segment.destination = segment.source
    #expect(csyn_build_syn(&segment, &buffer, 59) == -28)
    #expect(buffer.allSatisfy { $0 == 0xa5 })
  }

  /// A million inputs against this oracle, which adds octet by octet and folds only at the very end.
  @Test func aMillionChecksumsAgreeWithAnIndependentSum() {
    var generator = SeededGenerator(seed: 12)
    var buffer = [UInt8](repeating: 0, count: 64)
    var wrong = 0
    for round in 0..<1_000_000 {
      let family: IPAddress.Family = round % 4 == 0 ? .v6 : .v4
      let source = Self.random(family, &generator)
      let destination = Self.random(family, &generator)
      // Many octets near 0xff make many carries: the place where folding once goes wrong.
      let isDense = round % 2 == 0
      for word in 0..<8 {
        let bits = isDense ? generator.next() | generator.next() | generator.next() : generator.next()
        for byte in 0..<8 { buffer[word * 8 + byte] = UInt8(truncatingIfNeeded: bits >> UInt64(byte * 8)) }
      }
      let length = Int(generator.next() % 65)
      var from = Self.address(source)
      var to = Self.address(destination)
      let sum = csyn_tcp_checksum(&from, &to, buffer, length)
      if sum != Self.independentSum(source.octets + destination.octets, buffer[..<length]) { wrong += 1 }
    }
    #expect(wrong == 0)
  }

  static func independentSum(_ addresses: [UInt8], _ segment: ArraySlice<UInt8>) -> UInt16 {
    var high = 0
    var low = 6 + segment.count
    for (index, octet) in addresses.enumerated() {
      if index % 2 == 0 { high += Int(octet) } else { low += Int(octet) }
    }
    for (index, octet) in segment.enumerated() {
      if index % 2 == 0 { high += Int(octet) } else { low += Int(octet) }
    }
    // One's-complement addition is arithmetic modulo 65535, with 65535 for a zero that is not empty.
    let remainder = (high * 256 + low) % 65_535
    return ~UInt16(remainder == 0 ? 65_535 : remainder)
  }

  @Test func theTwoSidesSumAlike() {
    var generator = SeededGenerator(seed: 13)
    for _ in 0..<20_000 {
      let bytes = (0..<Int(generator.next() % 61)).map { _ in UInt8.random(in: 0...255, using: &generator) }
      let source = Self.random(.v6, &generator)
      let destination = Self.random(.v6, &generator)
      var from = Self.address(source)
      var to = Self.address(destination)
      let pseudo = Checksum.pseudoHeaderSum(source: source, destination: destination, length: bytes.count)
      let swift = Checksum.sum(bytes.span.bytes, in: 0..<bytes.count, adding: UInt64(pseudo)).map { ~$0 }
      #expect(swift == csyn_tcp_checksum(&from, &to, bytes, bytes.count))
    }
  }

  @Test func aFlippedBitIsFoundAndAnOffloadedSumIsNot() {
    var packet = Packets.summed(Packets.synAckV4)
    for bit in 0..<(packet.count * 8) {
      packet[bit / 8] ^= 1 << UInt8(bit % 8)
      if case .tcp(let segment) = Packets.parse(packet) {
        #expect(bit >= 160 && segment.checksum == .wrong, "bit \(bit)")
      }
      packet[bit / 8] ^= 1 << UInt8(bit % 8)
    }
    let bare = Checksum.pseudoHeaderSum(
      source: IPAddress(v4: 0xc000_0202), destination: IPAddress(v4: 0xc000_0201), length: 40)
    packet[36] = UInt8(bare >> 8)
    packet[37] = UInt8(truncatingIfNeeded: bare)
    guard case .tcp(let segment) = Packets.parse(packet) else { return #expect(Bool(false), "not parsed") }
    #expect(segment.checksum == .offloaded)
  }
}
