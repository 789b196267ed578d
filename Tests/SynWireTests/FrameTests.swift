import SynTesting
import Testing

@testable import SynWire

@Suite struct Frames {
  static let peer = Endpoint(address: IPAddress(v4: 0xc000_0202), port: 80)
  static let own = Endpoint(address: IPAddress(v4: 0xc000_0201), port: 61_000)

  static var synAck: TCPSegment {
    var options = TCPOptions()
    options.maximumSegmentSize = 1460
    options.permitsSelectiveAcknowledgement = true
    options.timestamps = .init(value: 0x1122_3344, echo: 0x5566_7788)
    options.windowScale = 7
    return TCPSegment(
      source: peer, destination: own, sequence: SequenceNumber(0x0102_0304),
      acknowledgement: SequenceNumber(0xa0b0_c0d0), flags: [.syn, .ack], window: 0xfe88, options: options, hopLimit: 64,
      checksumField: Packets.checksum(of: Packets.synAckV4),
      packet: IPFields(totalLength: 60, hasFragmentBits: true))
  }

  @Test(arguments: [
    (LinkType.rawIP, []), (.ethernet, Packets.ethernetV4), (.ethernet, Packets.tagged),
    (.ethernet, Packets.doublyTagged), (.linuxCooked1, Packets.cooked1), (.linuxCooked2, Packets.cooked2),
    (.loopback, Packets.null),
  ])
  func everyLinkTypeLeadsToTheSameSegment(_ link: LinkType, _ header: [UInt8]) {
    #expect(Packets.parse(header + Packets.summed(Packets.synAckV4), link) == .tcp(Self.synAck))
  }

  @Test func ethernetPaddingIsNotPartOfTheSegment() {
    let padded = Packets.ethernetV4 + Packets.summed(Packets.synAckV4) + [0xaa, 0xbb, 0xcc]
    #expect(Packets.parse(padded, .ethernet) == .tcp(Self.synAck))
  }

  @Test func aResetOverIPv6() {
    let source = Endpoint(address: IPAddress(v6: 0x2001_0db8_0000_0000_0000_0000_0000_0002), port: 80)
    let destination = Endpoint(address: IPAddress(v6: 0x2001_0db8_0000_0000_0000_0000_0000_0001), port: 61_000)
    var expected = TCPSegment(
      source: source, destination: destination, sequence: SequenceNumber(0),
      acknowledgement: SequenceNumber(0xa0b0_c0d0), flags: [.rst, .ack], hopLimit: 63,
      checksumField: Packets.checksum(of: Packets.resetV6), packet: IPFields(totalLength: 60))
    let packet = Packets.summed(Packets.resetV6)
    #expect(Packets.parse(Packets.ethernetV6 + packet, .ethernet) == .tcp(expected))
    let segment = Array(packet[40...])
    let delivered = Frame.parseSegment(
      segment.span.bytes, source: source.address, destination: destination.address, hopLimit: 63)
    expected.packet = nil
    #expect(delivered == .tcp(expected))
  }

  @Test func theFieldsOfBothHeadersAreKept() {
    var packet = Packets.synAckV4
    packet.replaceSubrange(1...1, with: [0xb9])
    packet.replaceSubrange(4...7, with: [0x12, 0x34, 0x20, 0x00])
    packet.replaceSubrange(38...39, with: [0xab, 0xcd])
    guard case .tcp(let segment) = Packets.parse(Packets.summed(packet)) else {
      return #expect(Bool(false), "not parsed")
    }
    #expect(
      segment.packet
        == IPFields(totalLength: 60, identification: 0x1234, hasFragmentBits: true, trafficClass: 0xb9))
    #expect(segment.urgentPointer == 0xabcd)
    #expect(segment.checksum == .correct)
  }

  @Test(arguments: [(0x14, 60), (0, 0), (0xffff, 0)])
  func aJumboLengthOfIPv6IsNotTold(_ length: UInt16, _ total: UInt16) throws {
    var packet = Packets.resetV6
    packet.replaceSubrange(0...1, with: [0x6b, 0x90])
    packet.replaceSubrange(4...5, with: [UInt8(length >> 8), UInt8(length & 0xff)])
    let header = try IPHeader.parse(packet.span.bytes)
    #expect(header.fields == IPFields(totalLength: total, trafficClass: 0xb9))
  }

  @Test(arguments: [Packets.prohibitedV4, Packets.unreachableV6]) func anICMPErrorTellsWhatItQuotes(_ packet: [UInt8])
    throws
  {
    guard case .icmp(let error) = Packets.parse(Packets.summed(packet)) else { throw WireError.notAnError }
    #expect(error.quoted.sourcePort == 61_000)
    #expect(error.quoted.destination.port == 80)
    #expect(error.quoted.sequence == SequenceNumber(0xa0b0_c0cf))
    let text =
      error.sender.family == .v4
      ? "communication administratively prohibited from 198.51.100.1" : "address unreachable from 2001:db8::ff"
    #expect("\(error)" == text)
  }

  @Test(arguments: [Packets.prohibitedV4, Packets.unreachableV6]) func anICMPErrorThatWasDamagedTellsNothing(
    _ packet: [UInt8]
  ) {
    let whole = Packets.summed(packet)
    for damaged in 6..<8 {
      var packet = whole
      packet[packet.count - damaged] ^= 0x40
      #expect(Packets.parse(packet) == .other(.badMessageChecksum))
    }
  }

  @Test func nothingIsSaidOfTheSumOfAnICMPErrorThatTheCaptureCut() {
    guard case .icmp = Packets.parse(Array(Packets.unreachableV6.dropLast())) else {
      return #expect(Bool(false), "not parsed")
    }
  }

  @Test func extensionHeadersAreStepped() {
    var packet = Packets.summed(Packets.resetV6)
    packet[6] = 0
    packet[5] += 8
    packet.insert(contentsOf: [6, 0, 1, 4, 0, 0, 0, 0], at: 40)
    guard case .tcp(let segment) = Packets.parse(packet) else { return #expect(Bool(false), "not parsed") }
    #expect(segment.flags == [.rst, .ack])
    #expect(segment.checksum == .correct)
  }

  @Test(
    arguments: [
      ("version 5", [0: 0x55], WireError.badVersion), ("IHL of 4", [0: 0x44], .badLength),
      ("total length below the header", [3: 19], .badLength), ("a later fragment", [7: 1], .fragment),
      ("UDP", [9: 17], .otherProtocol(17)), ("data offset of 4", [32: 0x40], .badLength),
      ("data offset beyond the packet", [32: 0xf0, 3: 0x38], .badLength),
      ("total length within the TCP header", [3: 30], .badLength),
    ] as [(String, [Int: UInt8], WireError)])
  func anInconsistentPacketIsRefusedWithItsReason(_ name: String, _ damage: [Int: UInt8], _ reason: WireError) {
    var packet = Packets.synAckV4
    for (at, octet) in damage { packet[at] = octet }
    #expect(Packets.parse(Packets.headed(packet)) == .other(reason), "\(name)")
  }

  @Test func aChainOfExtensionHeadersHasAnEnd() {
    var packet = [0x60, 0, 0, 0, 0, 80, 0, 64] + Packets.v6(2) + Packets.v6(1)
    for _ in 0..<10 { packet += [0, 0, 1, 4, 0, 0, 0, 0] }
    #expect(Packets.parse(packet) == .other(.tooManyExtensions))
  }

  @Test(
    arguments: [
      ([2, 0], true), ([2, 255, 5, 180], true), ([2, 1], true), ([8, 4, 0, 0], true), ([2], true), ([3, 3, 7], false),
      ([1, 1, 1, 1], false), ([0, 2, 0, 0], false), ([254, 6, 1, 2, 3, 4], false), ([3, 4, 7, 0], true),
    ] as [([UInt8], Bool)])
  func malformedOptionsAreMarkedAndEndNothing(_ options: [UInt8], _ isMalformed: Bool) {
    let padding = (4 - options.count % 4) % 4
    var packet = Array(Packets.synAckV4[..<40]) + options + Array(repeating: 0, count: padding)
    packet[32] = UInt8((20 + options.count + padding) / 4) << 4
    packet[3] = UInt8(packet.count)
    guard case .tcp(let segment) = Packets.parse(Packets.headed(packet)) else {
      return #expect(Bool(false), "not parsed")
    }
    #expect(segment.options.isMalformed == isMalformed)
    #expect(segment.flags == [.syn, .ack])
  }

  @Test(arguments: [Packets.synAckV4, Packets.resetV6, Packets.prohibitedV4, Packets.unreachableV6])
  func aTruncatedPacketIsRefusedAtEveryLength(_ packet: [UInt8]) {
    for length in 0..<packet.count {
      let frame = Packets.parse(Array(packet[..<length]))
      if case .tcp(let segment) = frame {
        // Only the options were cut: then the sum cannot be checked.
        #expect(length >= 40 && segment.checksum == .unverified)
      } else if case .icmp = frame {
        #expect(length >= 8 + 20 + 8, "the quoted ports and sequence number are there")
      }
    }
    for link in [LinkType.ethernet, .linuxCooked1, .linuxCooked2] {
      #expect(Packets.parse([], link) == .other(.truncated))
    }
  }

  @Test func anotherEtherTypeIsNotIP() {
    #expect(
      Packets.parse([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x06] + Packets.synAckV4, .ethernet) == .other(.notIP))
  }

  @Test(
    arguments: [
      (1, LinkType.ethernet), (12, .rawIP), (101, .rawIP), (113, .linuxCooked1), (276, .linuxCooked2), (0, .loopback),
    ] as [(Int32, LinkType)])
  func libpcapsNumbersAreKnown(_ dlt: Int32, _ link: LinkType) {
    #expect(LinkType(dlt: dlt) == link)
  }

  @Test func anotherLinkTypeIsNotGuessed() {
    #expect(LinkType(dlt: 127) == nil)
  }

  /// Nothing the network sends may trap: random octets, and real packets with random damage and cuts.
  @Test(arguments: 0..<8 as Range<UInt64>) func randomPacketsAreReadWithoutATrap(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let seeds = [Packets.synAckV4, Packets.resetV6, Packets.prohibitedV4, Packets.unreachableV6]
    let links: [(LinkType, [UInt8])] = [
      (.rawIP, []), (.ethernet, Packets.ethernetV4), (.ethernet, Packets.ethernetV6), (.ethernet, Packets.doublyTagged),
      (.linuxCooked1, Packets.cooked1), (.linuxCooked2, Packets.cooked2), (.loopback, Packets.null),
    ]
    var accepted = 0
    for round in 0..<40_000 {
      let (link, header) = links[round % links.count]
      var packet = header + seeds[round / links.count % seeds.count]
      for _ in 0..<Int.random(in: 1...8, using: &generator) {
        packet[Int.random(in: 0..<packet.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
      packet.removeLast(Int.random(in: 0...packet.count, using: &generator) / (round % 3 + 1))
      if case .other = Packets.parse(packet, link) {} else { accepted += 1 }
      let noise = (0..<Int.random(in: 0...96, using: &generator)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      _ = Packets.parse(noise, link)
    }
    #expect(accepted > 1_000, "the damage leaves enough for the deeper code")
  }
}
