import SynCore
import SynWire
import Testing

@testable import SynPeers

/// The lines of the hping3 drop-in against those that hping3 3.0.0-alpha-2 printed for the same packets.
@Suite struct HpingLines {
  static let target = Endpoint(address: IPAddress(v4: 0xc000_0202), port: 8080)

  static func facts(_ change: (inout TCPSegment) -> Void = { _ in }) -> ReplyFacts {
    var segment = TCPSegment(
      source: target, destination: Endpoint(address: IPAddress(v4: 0xc000_0201), port: 61_000),
      sequence: SequenceNumber(2_692_148_740), acknowledgement: SequenceNumber(1_674_840_566), flags: [.syn, .ack],
      window: 64_240, hopLimit: 62, checksumField: 0x3318, packet: IPFields(totalLength: 44, hasFragmentBits: true))
    change(&segment)
    return ReplyFacts(segment)
  }

  static func answer(
    _ facts: ReplyFacts = facts(), _ sequence: Int = 0, _ roundTrip: Duration? = .microseconds(312),
    isCopy: Bool = false
  ) -> HpingText.Answer {
    HpingText.Answer(facts: facts, sender: target, sequence: sequence, roundTrip: roundTrip, isCopy: isCopy)
  }

  @Test func theFirstLines() {
    #expect(
      HpingText.header("web", "c0", Self.target.address)
        == "HPING web (c0 192.0.2.2): S set, 40 headers + 0 data bytes")
    #expect(
      HpingText.using("c0", address: IPAddress(v4: 0xc000_0201), mtu: 1500) == "using c0, addr: 192.0.2.1, MTU: 1500")
  }

  @Test func anAnswer() {
    #expect(
      HpingText.lines(Self.answer(), isVerbose: false)
        == ["len=44 ip=192.0.2.2 ttl=62 DF id=0 sport=8080 flags=SA seq=0 win=64240 rtt=0.3 ms"])
    #expect(
      HpingText.lines(Self.answer(isCopy: true), isVerbose: false)
        == ["DUP! len=44 ip=192.0.2.2 ttl=62 DF id=0 sport=8080 flags=SA seq=0 win=64240 rtt=0.3 ms"])
  }

  @Test func aVerboseAnswer() {
    #expect(
      HpingText.lines(Self.answer(), isVerbose: true)
        == [
          "len=44 ip=192.0.2.2 ttl=62 DF id=0 tos=0 iplen=44", "sport=8080 flags=SA seq=0 win=64240 rtt=0.3 ms",
          "seq=2692148740 ack=1674840566 sum=3318 urp=0", "",
        ])
  }

  @Test func anUnfragmentableBitAndAnIdentification() {
    let facts = Self.facts { $0.packet = IPFields(totalLength: 44, identification: 0xbeef, trafficClass: 0xb9) }
    #expect(
      HpingText.lines(Self.answer(facts), isVerbose: true).first
        == "len=44 ip=192.0.2.2 ttl=62 id=48879 tos=b9 iplen=44")
  }

  @Test func whatWasNotMeasuredIsLeftOut() {
    let line = HpingText.lines(Self.answer(Self.facts { $0.packet = nil }, 3, nil), isVerbose: false)
    #expect(line == ["ip=192.0.2.2 ttl=62 sport=8080 flags=SA seq=3 win=64240"])
  }

  @Test(
    arguments: [
      ([.syn, .ack], "SA"), ([.rst, .ack], "RA"), ([.psh, .ack], "AP"), ([], "none"),
      ([.fin, .syn, .rst, .psh, .ack, .urg, .ece, .cwr], "RSAFPUXY"),
    ] as [(TCPFlags, String)])
  func theLettersOfTheFlags(_ flags: TCPFlags, _ letters: String) {
    #expect(HpingText.letters(flags) == letters)
  }

  @Test(
    arguments: [
      (0, "0.0"), (49_999, "0.0"), (50_000, "0.1"), (312_000, "0.3"), (999_950_000, "1000.0"), (-5, "0.0"),
      (100_214_000, "100.2"), (Int64.max, "9223372036854.8"),
    ] as [(Int64, String)])
  func millisecondsHaveOneDigit(_ nanoseconds: Int64, _ text: String) {
    #expect(HpingText.tenths(.nanoseconds(nanoseconds)) == text)
  }

  static func error(_ type: UInt8, _ code: UInt8) -> ICMPError {
    ICMPError(
      sender: IPAddress(v4: 0xc633_6401), type: type, code: code,
      quoted: ICMPError.QuotedSegment(sourcePort: 61_000, destination: target, sequence: SequenceNumber(1)))
  }

  @Test(
    arguments: [
      (3, 0, "ICMP Network Unreachable from"), (3, 1, "ICMP Host Unreachable from"),
      (3, 2, "ICMP Protocol Unreachable from"), (3, 3, "ICMP Port Unreachable from"),
      (3, 4, "ICMP Fragmentation Needed/DF set from"), (3, 5, "ICMP Source Route failed from"),
      (3, 9, "ICMP Unreachable type=9 from"), (3, 13, "ICMP Packet filtered from"),
      (3, 14, "ICMP Precedence violation from"), (3, 15, "ICMP precedence cut off from"),
      (3, 255, "ICMP Unreachable type=255 from"), (11, 0, "TTL 0 during transit from"),
      (11, 1, "TTL 0 during reassembly from"), (12, 0, "ICMP type=12 code=0 from"),
    ] as [(UInt8, UInt8, String)])
  func icmpErrors(_ type: UInt8, _ code: UInt8, _ words: String) {
    #expect(HpingText.icmp(Self.error(type, code), name: .omitted) == "\(words) ip=198.51.100.1")
  }

  /// The bytes of hping3: a notice, wiped out, and the name.
  @Test func theNameOfAnICMPSenderWipesOutItsNotice() {
    let back = String(repeating: "\u{8}", count: 15)
    let wiped = " get hostname...\(back)               \(back)"
    #expect(
      HpingText.icmp(Self.error(3, 13), name: .known("r1.example"))
        == "ICMP Packet filtered from ip=198.51.100.1\(wiped)name=r1.example")
    #expect(HpingText.icmp(Self.error(3, 13), name: .known(nil)).hasSuffix("name=UNKNOWN"))
  }

  @Test func aHop() {
    #expect(
      HpingText.hop(3, Self.error(11, 0), name: .omitted, roundTrip: .microseconds(5_400))
        == ["hop=3 TTL 0 during transit from ip=198.51.100.1", "hop=3 hoprtt=5.4 ms"])
    #expect(HpingText.hop(3, Self.error(11, 0), name: .omitted, roundTrip: nil).count == 1)
  }
}
