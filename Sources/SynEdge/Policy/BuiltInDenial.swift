package import SynWire

/// A block that is denied unless an allow rule lies within it: an address that leads to this host, to its neighbours by
/// a name that is no host's, to a cloud's metadata, or to an IPv4 address in disguise.
package struct BuiltInDenial: Sendable {
  /// What the block is, for the answer and the log.
  package let name: String
  package let prefix: AddressPrefix
  /// Which IPv4 addresses stand in one of its addresses.
  package let embedded: @Sendable (UInt128) -> [UInt32]

  private init?(_ text: String, _ name: String, embedded: @escaping @Sendable (UInt128) -> [UInt32] = { _ in [] }) {
    guard let prefix = AddressPrefix(text) else { return nil }
    self.name = name
    self.prefix = prefix
    self.embedded = embedded
  }

  private static let low: @Sendable (UInt128) -> [UInt32] = { [UInt32(truncatingIfNeeded: $0)] }

  /// The special-purpose registries of IANA (RFC 6890), and the addresses at which clouds keep credentials.
  package static let all: [BuiltInDenial] = [
    BuiltInDenial("0.0.0.0/8", "this network"),
    BuiltInDenial("127.0.0.0/8", "loopback"),
    BuiltInDenial("169.254.0.0/16", "link-local, and the metadata of clouds"),
    BuiltInDenial("168.63.129.16", "the metadata of Azure"),
    BuiltInDenial("100.64.0.0/10", "shared address space, and the metadata of Alibaba Cloud"),
    BuiltInDenial("192.0.0.192", "the metadata of Oracle Cloud"),
    BuiltInDenial("224.0.0.0/4", "multicast"),
    BuiltInDenial("240.0.0.0/4", "reserved, and broadcast"),
    BuiltInDenial("::1", "loopback"),
    BuiltInDenial("::", "unspecified"),
    BuiltInDenial("::/96", "IPv4-compatible") { $0 > 1 ? [UInt32(truncatingIfNeeded: $0)] : [] },
    BuiltInDenial("::ffff:0:0/96", "IPv4-mapped", embedded: low),
    BuiltInDenial("::ffff:0:0:0/96", "IPv4-translated", embedded: low),
    BuiltInDenial("64:ff9b::/96", "NAT64", embedded: low),
    BuiltInDenial("64:ff9b:1::/48", "NAT64 of local use") { bits in
      // RFC 6052 section 2.2: the octet at 64 is left out, so that an embedded address is split around it.
      let split = UInt32(truncatingIfNeeded: bits >> 64) << 16 | UInt32(truncatingIfNeeded: bits >> 40) & 0xffff
      return [split, UInt32(truncatingIfNeeded: bits)]
    },
    BuiltInDenial("2002::/16", "6to4") { [UInt32(truncatingIfNeeded: $0 >> 80)] },
    BuiltInDenial("2001::/32", "Teredo") { [UInt32(truncatingIfNeeded: $0 >> 64), ~UInt32(truncatingIfNeeded: $0)] },
    BuiltInDenial("fe80::/10", "link-local"),
    BuiltInDenial("fec0::/10", "site-local"),
    BuiltInDenial("ff00::/8", "multicast"),
    BuiltInDenial("fd00:ec2::254", "the metadata of AWS"),
    BuiltInDenial("fd20:ce::254", "the metadata of Google Cloud"),
  ].compactMap { $0 }

  /// An address whose interface identifier embeds an IPv4 address (ISATAP, RFC 5214), whatever its prefix.
  package static func isatap(_ address: IPAddress) -> BuiltInDenial? {
    guard address.family == .v6 else { return nil }
    let identifier = UInt32(truncatingIfNeeded: address.bits >> 32)
    guard identifier & ~0x0200_0000 == 0x5efe else { return nil }
    return BuiltInDenial("\(address.unzoned)", "ISATAP", embedded: low)
  }
}
