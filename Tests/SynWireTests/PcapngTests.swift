import SynTesting
import Testing

@testable import SynWire

@Suite struct CaptureFiles {
  static let syn: [UInt8] =
    [0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, 6, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2]
    + [0x9c, 0x40, 0x1f, 0x90, 1, 2, 3, 4, 0, 0, 0, 0, 0x50, 2, 0xfa, 0xf0, 0, 0, 0, 0]

  static func headers(_ octets: [UInt8], link: LinkType = .rawIP) -> PacketHeaders? {
    octets.withUnsafeBytes { PacketHeaders(of: $0.bytes, link: link) }
  }

  static func file() throws -> [UInt8] {
    var writer = PcapngWriter(comment: "of\ntwo lines", application: "a test")
    let side = writer.interface(name: "eth0", description: "", .v4)
    writer.record(at: 1_500, [("KIND", "first"), ("VALUE", "a=b")])
    writer.packet(try #require(headers(syn)), on: side, at: 1 << 40 + 5, comment: "a packet")
    writer.record(at: 2_000, [("KIND", "last")])
    return writer.octets
  }

  static func records(_ octets: [UInt8]) throws -> [[String: String]] {
    var reader = try PcapngReader(octets)
    var found: [[String: String]] = []
    while let record = try reader.next() { found.append(record.fields) }
    return found
  }

  @Test func whatIsWrittenIsReadBack() throws {
    #expect(
      try Self.records(Self.file()) == [
        ["__REALTIME_TIMESTAMP": "1", "KIND": "first", "VALUE": "a=b"], ["__REALTIME_TIMESTAMP": "2", "KIND": "last"],
      ])
  }

  @Test func eachBlockIsOfWholeWordsAndSaysItsLengthTwice() throws {
    let octets = try Self.file()
    #expect(octets.count % 4 == 0)
    #expect(Array(octets.prefix(12)) == [0x0a, 0x0d, 0x0d, 0x0a] + octets[4..<8] + [0x4d, 0x3c, 0x2b, 0x1a])
    // The packet, its two lengths, and the stamp in its two halves.
    let block: [UInt8] = [6, 0, 0, 0, 88, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 5, 0, 0, 0, 40, 0, 0, 0, 40, 0, 0, 0]
    #expect(octets.firstRange(of: block + Self.syn + [1, 0, 8, 0] + Array("a packet".utf8)) != nil)
  }

  @Test func aFileThatEndsEarlyIsCutOff() throws {
    let octets = try Self.file()
    var cuts = 0
    for end in 0..<octets.count {
      do {
        let whole = try Self.records(Array(octets.prefix(end)))
        #expect(whole.count < 2)  // It ends behind a block.
      } catch let failure as PcapngReader.Failure {
        if case .cutOff = failure { cuts += 1 } else { #expect(failure == .otherForm && end < 4) }
      }
    }
    #expect(cuts > octets.count / 2)
  }

  @Test func noBytesTrapTheReader() throws {
    var generator = SeededGenerator(seed: 5)
    let octets = try Self.file()
    for _ in 0..<20_000 {
      var damaged = octets
      for _ in 0...Int.random(in: 0..<4, using: &generator) {
        damaged[Int.random(in: 0..<damaged.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
      _ = try? Self.records(damaged)
    }
  }

  @Test func ofAPacketTheHeadersAreKeptAndWhatItCarriesIsNot() throws {
    var carrying = Self.syn + [0xde, 0xad]
    carrying[3] = 42
    let kept = try #require(Self.headers(carrying))
    #expect(kept.octets.count == 40 && kept.length == 42)
    let ethernet = [UInt8](repeating: 0, count: 12) + [8, 0] + carrying
    #expect(Self.headers(ethernet, link: .ethernet)?.octets == kept.octets)
    // An error quotes the headers, and may quote more.
    let error: [UInt8] = [0x45, 0, 0, 78, 0, 0, 0, 0, 64, 1, 0, 0, 192, 0, 2, 9, 192, 0, 2, 1, 3, 1, 0, 0, 0, 0, 0, 0]
    #expect(Self.headers(error + carrying + [1, 2, 3, 4, 5, 6, 7, 8])?.octets == error + carrying.prefix(40))
    #expect(Self.headers(error + carrying.prefix(28))?.octets == error + carrying.prefix(28))
  }

  @Test(arguments: [0, 5, 19, 25, 39]) func aPacketThatIsCutHasNone(_ length: Int) {
    #expect(Self.headers(Array(Self.syn.prefix(length))) == nil)
  }

  @Test func aSegmentThatCameWithoutItsHeaderGetsOne() throws {
    let (source, destination) = (IPAddress(v6: 1), IPAddress(v6: 2))
    let kept = try #require(
      Self.syn[20...].withUnsafeBytes {
        PacketHeaders(of: $0.bytes, source: source, destination: destination, hopLimit: 9)
      })
    let frame = kept.octets.withUnsafeBytes { Frame.parse($0.bytes, link: .rawIP) }
    guard case .tcp(let segment) = frame else { return #expect(Bool(false), "\(frame)") }
    #expect(segment.source.address == source && segment.destination.address == destination && segment.hopLimit == 9)
  }
}
