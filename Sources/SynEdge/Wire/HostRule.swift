internal import SynWire

/// Which names the service answers to: a page whose name an attacker points at this host (DNS rebinding) is not served.
///
/// Addresses and `localhost` are always its names, since no attacker owns them.
package struct HostRule: Sendable {
  /// Further names, in lower case; `*` for any.
  package let names: Set<String>

  package init(_ names: some Sequence<String>) {
    self.names = Set(names.map { $0.lowercased() })
  }

  /// Whether `authority`, as `example.org:9115`, is this service; nil when it is no authority at all.
  package func accepts(_ authority: String) -> Bool? {
    guard let host = HostRule.host(of: authority) else { return nil }
    if host.hasPrefix("[") || IPAddress(host) != nil { return true }
    let name = host.hasSuffix(".") ? host.dropLast().lowercased() : host.lowercased()
    return name == "localhost" || names.contains(name) || names.contains("*")
  }

  /// The host of an authority without user information (RFC 9110 section 4.2.4): a name, an address, or `[V6]`.
  private static func host(of authority: String) -> String? {
    let host: Substring
    let rest: Substring
    if authority.hasPrefix("[") {
      guard let end = authority.firstIndex(of: "]") else { return nil }
      host = authority[...end]
      rest = authority[authority.index(after: end)...]
      guard IPAddress(host.dropFirst().dropLast())?.family == .v6 else { return nil }
    } else {
      host = authority.prefix { $0 != ":" }
      rest = authority[host.endIndex...]
      let isName = host.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0)
          || [0x2d, 0x2e, 0x5f].contains($0)
      }
      guard !host.isEmpty, isName else { return nil }
    }
    let isPort = rest.isEmpty || rest.first == ":" && rest.dropFirst().utf8.allSatisfy { (0x30...0x39).contains($0) }
    return isPort && rest.utf8.count <= 6 ? String(host) : nil
  }
}
