import SynWire
import Testing

@testable import SynEdge
@testable import SynHTTP

@Suite struct Policies {
  private static func policy(allow: [String]? = nil, deny: [String] = []) throws -> TargetPolicy {
    TargetPolicy(
      allowed: try allow?.map { try TargetRule(parsing: $0) }, denied: try deny.map { try TargetRule(parsing: $0) })
  }

  private static func endpoint(_ address: String, _ port: UInt16 = 80) throws -> Endpoint {
    Endpoint(address: try #require(IPAddress(address)), port: port)
  }

  private static let surroundings = TargetPolicy.Surroundings(
    own: [Endpoint(address: IPAddress(v4: 0xc000_0201), port: 9115)], loopbackPort: 9115,
    broadcasts: [IPAddress(v4: 0xc000_02ff)])

  private static func denial(_ policy: TargetPolicy, _ target: Endpoint) -> String? {
    do throws(TargetPolicy.Denial) { try policy.check(target, surroundings) } catch { return error.reason }
    return nil
  }

  static let special = [
    "0.0.0.0", "0.1.2.3", "127.0.0.1", "127.255.255.254", "169.254.0.1", "169.254.169.254", "169.254.170.2",
    "168.63.129.16", "100.64.0.1", "100.100.100.200", "100.127.255.255", "192.0.0.192", "224.0.0.1", "239.255.255.255",
    "240.0.0.1", "255.255.255.255", "192.0.2.255", "::", "::1", "::7f00:1", "::8.8.8.8", "::ffff:127.0.0.1",
    "::ffff:169.254.169.254", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::7f00:1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2002:808:808::1", "2001:0:7f00:1::",
    "2001::80ff:fffe", "fe80::1", "febf::1", "fec0::1", "ff02::1", "ff0e::1", "fd00:ec2::254", "fd20:ce::254",
    "2001:db8::5efe:7f00:1", "2001:db8::200:5efe:a9fe:a9fe",
  ]

  @Test(arguments: special) func aSpecialAddressIsDeniedWithoutARule(_ address: String) throws {
    #expect(Self.denial(try Self.policy(), try Self.endpoint(address)) != nil)
  }

  @Test(arguments: special) func aRuleForEverythingNamesNoSpecialAddress(_ address: String) throws {
    let policy = try Self.policy(allow: ["0.0.0.0/0", "::/0"])
    #expect(Self.denial(policy, try Self.endpoint(address)) != nil)
  }

  @Test(arguments: ["8.8.8.8", "10.0.0.1", "192.168.1.1", "192.0.2.7", "126.255.255.255", "128.0.0.0", "2001:db8::1"])
  func anOrdinaryAddressIsAllowedWithoutARule(_ address: String) throws {
    #expect(Self.denial(try Self.policy(), try Self.endpoint(address)) == nil)
  }

  @Test(
    arguments: [
      ("127.0.0.0/8", "127.0.0.1"), ("127.0.0.1", "127.0.0.1"), ("169.254.169.254:80", "169.254.169.254"),
      ("::1", "::1"), ("100.64.0.0/10", "100.100.100.200"), ("192.0.2.255", "192.0.2.255"), ("fe80::/10", "fe80::1"),
      ("64:ff9b::/96", "64:ff9b::808:808"), ("2002:808:808::/48", "2002:808:808::1"),
    ])
  func aRuleWithinTheBlockLiftsABuiltInDenial(_ rule: String, _ address: String) throws {
    #expect(Self.denial(try Self.policy(allow: [rule]), try Self.endpoint(address)) == nil)
  }

  @Test(arguments: [
    ("64:ff9b::/96", "64:ff9b::7f00:1"), ("64:ff9b::/96", "64:ff9b::a9fe:a9fe"), ("2002::/16", "2002:7f00:1::1"),
    ("::ffff:0:0/96", "::ffff:127.0.0.1"), ("2001::/32", "2001::80ff:fffe"), ("64:ff9b:1::/48", "64:ff9b:1::a9fe:a9fe"),
  ])
  func anAllowedDisguiseDoesNotHideASpecialAddress(_ rule: String, _ address: String) throws {
    #expect(Self.denial(try Self.policy(allow: [rule]), try Self.endpoint(address)) != nil)
  }

  @Test func whereThereAreRulesOneOfThemMustName() throws {
    let policy = try Self.policy(allow: ["192.0.2.0/24:80,8000-8100", "[2001:db8::/32]:443"])
    #expect(Self.denial(policy, try Self.endpoint("192.0.2.7", 8080)) == nil)
    #expect(Self.denial(policy, try Self.endpoint("192.0.2.7", 8101)) != nil)
    #expect(Self.denial(policy, try Self.endpoint("192.0.3.7", 80)) != nil)
    #expect(Self.denial(policy, try Self.endpoint("2001:db8::1", 443)) == nil)
    #expect(Self.denial(policy, try Self.endpoint("2001:db8::1", 444)) != nil)
  }

  @Test func anEmptyListAllowsNothing() throws {
    #expect(Self.denial(try Self.policy(allow: []), try Self.endpoint("192.0.2.7")) == "no allow rule names it")
  }

  @Test func aDenyRuleIsStrongerThanAnAllowRule() throws {
    let policy = try Self.policy(allow: ["192.0.2.0/24", "192.0.2.7"], deny: ["192.0.2.7:22"])
    #expect(Self.denial(policy, try Self.endpoint("192.0.2.7", 22)) == "the deny rule 192.0.2.7:22 names it")
    #expect(Self.denial(policy, try Self.endpoint("192.0.2.7", 80)) == nil)
  }

  @Test(arguments: ["192.0.2.1", "127.0.0.1", "127.9.9.9", "::1"]) func theServiceIsNoTargetOfItself(_ address: String)
    throws
  {
    let wide = try Self.policy(allow: ["192.0.2.0/24", "127.0.0.0/8", "::1"])
    #expect(Self.denial(wide, try Self.endpoint(address, 9115)) == "this service listens there")
    #expect(Self.denial(wide, try Self.endpoint(address, 9116)) == nil)
  }

  @Test func theServiceIsATargetWhereARuleNamesItsAddressAndPort() throws {
    let policy = try Self.policy(allow: ["192.0.2.1:9115"])
    #expect(Self.denial(policy, try Self.endpoint("192.0.2.1", 9115)) == nil)
  }
}

@Suite struct Rules {
  @Test(arguments: [
    "192.0.2.0/24", "192.0.2.7", "192.0.2.7:80", "192.0.2.0/24:80,443,8000-8100", "0.0.0.0/0", "::/0", "2001:db8::1",
    "2001:db8::/32", "[2001:db8::1]:443", "[2001:db8::/32]:443", "[2001:db8::]/32:443", "2001:db8::/32:443",
  ])
  func aRuleIsABlockWithOrWithoutPorts(_ text: String) throws {
    #expect(try TargetRule(parsing: text).text == text)
  }

  @Test(arguments: [
    "", "*", "any", "192.0.2.1/24", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/024", "192.0.2.0/", "192.0.2",
    "0x7f.0.0.1", "010.0.0.0/8", "192.0.2.7:", "192.0.2.7:0", "192.0.2.7:65536", "192.0.2.7:80-", "192.0.2.7:90-80",
    "192.0.2.7:80-90-100", "192.0.2.7:80,,443", "192.0.2.7: 80", "[192.0.2.7]:80", "[2001:db8::1", "2001:db8::1/129",
    "[2001:db8::1]443", "2001:db8::1:443", "::1:80", "fe80::1%eth0", "example.org", "192.0.2.0/24/24",
  ])
  func anotherTextIsNoRule(_ text: String) {
    #expect(throws: TargetRule.ParseError.self) { try TargetRule(parsing: text) }
  }
}
