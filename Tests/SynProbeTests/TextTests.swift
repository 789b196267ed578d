import SynCore
import SynProbe
import SynWire
import Testing

@Suite struct Texts {
  @Test(
    arguments: [
      ("500us", 500_000), ("500µs", 500_000), ("20ms", 20_000_000), ("1.5s", 1_500_000_000), ("2m", 120_000_000_000),
      ("1ns", 1), ("0.000001s", 1_000), ("1440m", 86_400_000_000_000), ("0.5m", 30_000_000_000),
    ] as [(String, Int64)])
  func aDurationIsANumberAndAUnit(_ text: String, _ nanoseconds: Int64) throws {
    #expect(try Duration.parse(text) == .nanoseconds(nanoseconds))
  }

  @Test(arguments: [
    "200", "", "ms", "1.5", "-1s", "1e3s", "1..5s", ".5s", "5.s", "1 s", "1h", "nans", "infs", "+1s", "１s",
  ])
  func anotherTextIsNoDurationAndTheErrorNamesTheUnits(_ text: String) {
    #expect { try Duration.parse(text) } throws: { error in
      "\(error)".contains("decimal number") || "\(error)".contains("ns us ms s m")
    }
  }

  @Test(arguments: ["0s", "0.0000000001s", "1441m", "86401s", "999999999999m"]) func aDurationHasBounds(_ text: String)
  {
    #expect(throws: Duration.ParseError.self) { try Duration.parse(text) }
  }

  @Test(
    arguments: [
      (2_000_000_000, "2 s"), (500_000_000, "500 ms"), (1_500_000_000, "1.5 s"), (250, "250 ns"), (0, "0 s"),
      (1_000_001, "1.000001 ms"),
    ] as [(Int64, String)])
  func aDurationIsWrittenExactly(_ nanoseconds: Int64, _ text: String) {
    #expect(Duration.nanoseconds(nanoseconds).text == text)
  }

  @Test(
    arguments: [
      (100_214_000, "100.214"), (499, "0.000"), (500, "0.001"), (-1_500_000, "-1.500"), (-499, "0.000"), (0, "0.000"),
      (Int64.max, "9223372036854.776"), (Int64.min, "-9223372036854.776"),
    ] as [(Int64, String)])
  func millisecondsHaveThreeDigits(_ nanoseconds: Int64, _ text: String) {
    #expect(Duration.nanoseconds(nanoseconds).millisecondsText == text)
  }

  @Test func controlCharactersAreSpelledOut() {
    #expect("a\u{1b}[31m\n\u{0}\u{202e}b".escaped == "a\\u{1b}[31m\\u{a}\\u{0}\\u{202e}b")
    #expect("grün ✓".escaped == "grün ✓")
  }

  @Test func theStartIsWrittenAsRFC3339() {
    #expect(KernelTimestamp(nanoseconds: 1_763_937_300_000_042_000).rfc3339 == "2025-11-23T22:35:00.000042Z")
    #expect(KernelTimestamp(nanoseconds: 0).rfc3339 == "1970-01-01T00:00:00.000000Z")
  }
}

@Suite struct Targets {
  @Test(
    arguments: [
      ("192.0.2.1:80", nil, "192.0.2.1", 80), ("[2001:db8::1]:443", nil, "2001:db8::1", 443), ("[::1]", 81, "::1", 81),
      ("2001:db8::1", 80, "2001:db8::1", 80), ("192.0.2.1", 65_535, "192.0.2.1", 65_535),
      ("192.0.2.1:1", 80, "192.0.2.1", 1),
      ("[fe80::1%lo]:80", nil, "fe80::1%1", 80),
    ] as [(String, UInt16?, String, UInt16)])
  func anAddressWithItsPort(_ text: String, _ port: UInt16?, _ address: String, _ expected: UInt16) throws {
    let target = try Target.parse(text, defaultPort: port)
    guard case .address(let found) = target.host else { return #expect(Bool(false), "a name") }
    #expect("\(found)" == address && target.port == expected && target.input == text)
  }

  @Test(arguments: ["web:80", "example.com:443", "a-b_c.example.:1", "localhost:65535", "xn--bcher-kva.example:80"])
  func aNameWithItsPort(_ text: String) throws {
    guard case .name(let name) = try Target.parse(text).host else { return #expect(Bool(false), "an address") }
    #expect(text.hasPrefix(name))
  }

  /// What is wrong is named: the words in the second column stand in the message.
  @Test(arguments: [
    ("", "empty"), ("192.0.2.1", "no port"), ("web", "no port"), ("web:", "port ''"), (":80", "empty"),
    ("web:0", "port '0'"), ("web:65536", "port '65536'"), ("web:-1", "port '-1'"), ("web:80x", "port '80x'"),
    ("web:0x50", "port '0x50'"), ("web:+80", "port '+80'"), ("web:８０", "port '８０'"), ("web:080", "port '080'"),
    ("010.0.0.1:80", "four decimal"), ("2130706433:80", "four decimal"), ("0x7f.1:80", "four decimal"),
    ("127.1:80", "four decimal"), ("1.2.3.4.5:80", "four decimal"), ("1.2.3:80", "four decimal"),
    ("::1:80", "ambiguous"), ("2001:db8::1", "ambiguous"), ("a:b:c", "neither"), ("[::1", "closing bracket"),
    ("[::1]80", "only :PORT"), ("[192.0.2.1]:80", "brackets"), ("[fe80::1]:80", "zone"),
    ("[fe80::1%nosuchif0]:80", "no interface"), ("bücher.example:80", "xn--"), ("a b:80", "not a host name"),
    ("-a.example:80", "not a host name"), ("a..b:80", "not a host name"), ("web\u{0}:80", "\\u{0}"),
    ("we\nb:80", "\\u{a}"), ("0.0.0.0:80", "not the address of one host"), ("224.0.0.1:80", "not the address"),
    ("255.255.255.255:80", "not the address"), ("[::]:80", "not the address"), ("[ff02::1]:80", "not the address"),
    ("a\u{fffd}\u{fffd}:80", "xn--"),
  ])
  func whatIsNoTargetIsRefusedInOneLine(_ text: String, _ words: String) {
    #expect { try Target.parse(text) } throws: { error in
      let message = "\(error)"
      return message.contains(words) && !message.contains("\n") && !message.contains("\u{0}")
    }
  }

  @Test func aNameOf254CharactersIsRefusedAndNotRepeatedWhole() {
    let long = Array(repeating: "a", count: 127).joined(separator: ".") + ".a"
    #expect { try Target.parse(long + ":80") } throws: { "\($0)".count < 200 }
  }
}
