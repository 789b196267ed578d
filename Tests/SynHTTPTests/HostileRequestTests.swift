import NIOHTTP1
import SynTesting
import SynWire
import Testing

@testable import SynEdge
@testable import SynHTTP

/// Whatever a client, or a file, holds: it is accepted or refused, and traps nothing.
@Suite struct HostileTexts {
  private static let seeds = [
    "/v1/ping?target=192.0.2.2:8080&count=5&interval=200ms&timeout=2s&mode=auto&format=value&field=rtt_ms.p50",
    "/v1/ping?ip=%5B2001:db8::1%5D&port=443", "/probe?target=[2001:db8::1]:80&module=tcp_syn&debug=true",
    "http://user@localhost:80/a?b#c", "localhost:9115", "[::ffff:192.0.2.1]:80", "192.0.2.0/24:80,8000-8100",
    "[2001:db8::/32]:443", "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.3,*/*", "9.5e-1",
    "listen: '127.0.0.1:9115'\nallow: [192.0.2.0/24]\nlimits: {count: 3, duration: 5s}\nmodules:\n  a:\n    count: 2\n",
    "a: &b [*b, !!int 3]\n? {x: y}\n: - \"\\u0000\\x80\"\n", "\u{feff}\r\n\u{2028}\"\u{308}\\\u{0}é\u{202e}",
  ].map { Array($0.utf8) }

  private static func mutated(_ generator: inout SeededGenerator) -> String {
    var bytes = seeds[Int.random(in: 0..<seeds.count, using: &generator)]
    for _ in 0..<Int.random(in: 0...6, using: &generator) {
      let place = Int.random(in: 0...bytes.count, using: &generator)
      switch Int.random(in: 0..<5, using: &generator) {
      case 0: bytes.insert(UInt8.random(in: .min ... .max, using: &generator), at: place)
      case 1 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 2 where place < bytes.count: bytes.remove(at: place)
      case 3: bytes.insert(contentsOf: seeds[Int.random(in: 0..<seeds.count, using: &generator)], at: place)
      default: bytes.insert(contentsOf: Array("99999999999999999999".utf8), at: place)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// How many of the readers accept the text.
  private static func accepted(_ text: String) -> Int {
    var accepted = 0
    func read(_ body: () throws -> Void) { if (try? body()) != nil { accepted += 1 } }
    read { _ = try PingQuery(RequestParameters(target: text), ServiceLimits()) }
    read { _ = try ProbeQuery(RequestParameters(target: text)) }
    read { _ = try TargetRule(parsing: text) }
    read { _ = try ScrapeTimeout(text).fit(SeriesParameters(), shortest: .milliseconds(1)) }
    read { _ = try ServiceConfiguration([ConfigurationFile("f", text: text).layer]) }
    read { _ = try TokenList(text: text, path: "t").contains(text) }
    read {
      var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: text, headers: ["Host": text])
      try RequestRules(hosts: HostRule(["*"])).check(&head)
    }
    _ = Exposition(accept: text)
    var line = LogLine("info", text, at: "now")
    line.add("key", text)
    return accepted
  }

  @Test func nothingThatIsReadTraps() {
    var generator = SeededGenerator(seed: 19)
    var accepted = 0
    for _ in 0..<20_000 { accepted += Self.accepted(Self.mutated(&generator)) }
    #expect(accepted > 2_000, "inputs that are all refused test nothing")
  }

  @Test func noTargetTextLeadsPastThePolicy() throws {
    // Whatever is accepted as an address is judged as that address, and never as another.
    var generator = SeededGenerator(seed: 20)
    let policy = TargetPolicy(
      allowed: [try TargetRule(parsing: "0.0.0.0/0"), try TargetRule(parsing: "::/0")], denied: [])
    for _ in 0..<20_000 {
      let bits = UInt128(UInt64.random(in: .min ... .max, using: &generator)) << 64 | UInt128(generator.next())
      let v4 = UInt32(truncatingIfNeeded: bits)
      let loopback = 0x7f00_0000 | v4 & 0xff_ffff
      for disguise in [
        IPAddress(v4: loopback), IPAddress(v6: 0xffff << 32 | UInt128(loopback)),
        IPAddress(v6: 0x64_ff9b << 96 | UInt128(loopback)),
        IPAddress(v6: 0x2002 << 112 | UInt128(loopback) << 80 | bits & (1 << 80 - 1)),
      ] {
        #expect(throws: TargetPolicy.Denial.self) {
          try policy.check(Endpoint(address: disguise, port: 80), TargetPolicy.Surroundings())
        }
      }
    }
  }
}
