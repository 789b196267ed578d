internal import CSyn
package import SynWire

/// What the routes and rules of a family name.
package struct RoutePrefixes {
  /// Their destinations: between the ends of these all addresses go one way.
  package let all: [AddressPrefix]
  /// Whether a route has several next hops, of which each address has its own.
  package let hasChoice: Bool
}

extension RouteFinder {
  /// More routes than this are not read: a full table of the Internet has a million.
  private static let most = 1 << 21

  /// The destinations that routes and rules of a family name; nil where the kernel does not tell.
  package func prefixes(_ family: IPAddress.Family) -> RoutePrefixes? {
    guard let netlink else { return nil }
    var capacity = 1024
    while capacity <= RouteFinder.most {
      var found = [csyn_prefix](repeating: csyn_prefix(), count: capacity)
      let count = csyn_route_prefixes(netlink, family.number, &found, capacity)
      guard count >= 0 else { return nil }
      if count <= capacity {
        let prefixes = found.prefix(count)
        return RoutePrefixes(
          all: prefixes.compactMap { prefix in
            IPAddress(prefix.address).flatMap { AddressPrefix(containing: $0, length: Int(prefix.length)) }
          }, hasChoice: prefixes.contains { $0.has_choice != 0 })
      }
      capacity = count + count / 8
    }
    return nil
  }
}
