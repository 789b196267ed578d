import SynTesting
import Testing

@testable import SynWire

@Suite struct Addresses {
  @Test(arguments: [
    ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
    ("2001:db8::1", "2001:db8::1"), ("2001:0DB8:0:0:0:0:0:1", "2001:db8::1"), ("::", "::"), ("::1", "::1"),
    ("1::", "1::"), ("1:0:0:2:0:0:0:3", "1:0:0:2::3"), ("1:0:0:2:3:0:0:4", "1::2:3:0:0:4"),
    ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
    ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"), ("1:0:2:0:3:0:4:0", "1:0:2:0:3:0:4:0"),
  ])
  func anAddressIsReadAndWrittenInItsRecommendedForm(_ text: String, _ canonical: String) {
    #expect(IPAddress(text).map { "\($0)" } == canonical)
  }

  @Test(arguments: [
    "", "1.2.3", "1.2.3.4.5", "010.0.0.1", "0x7f.0.0.1", "127.1", "2130706433", "256.1.1.1", "1..2.3", "1.2.3.4 ",
    "+1.2.3.4", "１.2.3.4", "1.2.3.-4", "0000.0.0.0", ":", ":::", "1:2:3", "1::2::3", "12345::", "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::", "::g", "1.2.3.4::", "::1.2.3", "::1.2.3.4.5", "1:2:3:4:5:6:7:1.2.3.4", "fe80::1%eth0", "[::1]",
    "1:2:3:4:5:6:7:", ":1:2:3:4:5:6:7",
  ])
  func whatIsNotExactlyAnAddressIsRefused(_ text: String) {
    #expect(IPAddress(text) == nil)
  }

  @Test func everyAddressSurvivesItsText() {
    var generator = SeededGenerator(seed: 21)
    for _ in 0..<20_000 {
      let mask = UInt128(generator.next()) << 64 | UInt128(generator.next())
      let sparse =
        mask & (UInt128(generator.next()) << 64 | UInt128(generator.next()))
        & ~(0xffff << UInt128(generator.next() % 113))
      let v6 = IPAddress(v6: sparse)
      #expect(IPAddress("\(v6)") == v6)
      #expect(IPAddress(octets: v6.octets) == v6)
      let v4 = IPAddress(v4: UInt32(truncatingIfNeeded: sparse))
      #expect(IPAddress("\(v4)") == v4)
    }
  }

  @Test func onlyAHostsOwnAddressIsUnicast() {
    let others = ["0.0.0.0", "224.0.0.1", "239.1.1.1", "255.255.255.255", "::", "ff02::1"]
    #expect(others.compactMap { IPAddress($0) }.filter(\.isUnicast).isEmpty)
    #expect(["127.0.0.1", "192.0.2.1", "::1", "fe80::1"].compactMap { IPAddress($0) }.count { $0.isUnicast } == 4)
    #expect(IPAddress("fe80::1")?.isLinkLocalV6 == true && IPAddress("fec0::1")?.isLinkLocalV6 == false)
  }

  @Test func sequenceNumbersAreOrderedOnTheCircle() {
    #expect(SequenceNumber(0xffff_ffff).advanced(by: 1) == SequenceNumber(0))
    #expect(SequenceNumber(0xffff_fff0).precedes(SequenceNumber(5)))
    #expect(!SequenceNumber(5).precedes(SequenceNumber(0xffff_fff0)))
    #expect(!SequenceNumber(5).precedes(SequenceNumber(5)))
  }

  @Test func flagsAreNamed() {
    #expect("\(TCPFlags([.syn, .ack]))" == "SYN-ACK" && "\(TCPFlags([]))" == "none")
    #expect("\(Endpoint(address: IPAddress(v6: 1), port: 80))" == "[::1]:80")
  }
}
