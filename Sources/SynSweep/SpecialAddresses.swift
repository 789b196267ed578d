internal import SynWire

/// The addresses of the special-purpose registries of IANA (RFC 6890) that are nobody's to be asked without a word.
public enum SpecialAddresses {
  /// All of both registries, but for private (RFC 1918, RFC 4193) and shared space (RFC 6598), documentation and
  /// benchmarking, which are a user's own to sweep; with multicast (RFC 5771, RFC 4291) and what is reserved.
  public static let leftOut = AddressSet(
    [
      "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.31.196.0/24", "192.52.193.0/24",
      "192.88.99.0/24", "192.175.48.0/24", "224.0.0.0/4", "240.0.0.0/4",
      "::/127", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001::/32",
      "2001:1::/32", "2001:3::/32", "2001:4::/32", "2001:10::/28", "2001:20::/27", "2002::/16", "2620:4f:8000::/48",
      "5f00::/16", "fe80::/10", "fec0::/10", "ff00::/8",
    ].compactMap { AddressPrefix($0).map { AddressSpan($0) } }
  )

  /// Groups of hosts, which TCP knows nothing of.
  public static let multicast = AddressSet(
    ["224.0.0.0/4", "ff00::/8"].compactMap { AddressPrefix($0).map { AddressSpan($0) } })

  /// Where sweeping many needs no further word: private, shared, documentation and benchmarking space, and this host.
  public static let harmless = AddressSet(
    [
      "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15",
      "198.51.100.0/24", "203.0.113.0/24", "::1/128", "2001:2::/48", "2001:db8::/32", "3fff::/20", "fc00::/7",
      "fe80::/10",
    ].compactMap { AddressPrefix($0).map { AddressSpan($0) } }
  )
}
