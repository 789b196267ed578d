internal import CSyn
package import SynWire

extension RouteFinder {
  /// More routes than this are not read: a full table of the Internet has a million.
  private static let most = 1 << 21

  /// The destinations that routes and rules of a family name: between the ends of these all addresses go one way.
  ///
  /// Nil where the kernel does not tell.
  package func prefixes(_ family: IPAddress.Family) -> [AddressPrefix]? {
    guard let netlink else { return nil }
    var capacity = 1024
    while capacity <= RouteFinder.most {
      var found = [csyn_prefix](repeating: csyn_prefix(), count: capacity)
      let count = csyn_route_prefixes(netlink, family.number, &found, capacity)
      guard count >= 0 else { return nil }
      if count <= capacity {
        return found.prefix(count).compactMap { prefix in
          IPAddress(prefix.address).flatMap { AddressPrefix(containing: $0, length: Int(prefix.length)) }
        }
      }
      capacity = count + count / 8
    }
    return nil
  }
}
