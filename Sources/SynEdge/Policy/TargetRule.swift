internal import SynCore
internal import SynProbe
public import SynWire

/// One rule of the target policy: a block of addresses, and ports where they are named.
public struct TargetRule: Hashable, Sendable {
  /// The addresses.
  public let prefix: AddressPrefix
  /// The ports; nil for all.
  public let ports: [ClosedRange<UInt16>]?
  /// The rule as it was written.
  public let text: String

  /// Why a text is not a rule.
  public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, and what is right.
    public let description: String
  }

  /// Reads `192.0.2.0/24`, `192.0.2.7:80,443`, `[2001:db8::1]:8000-8100`, `2001:db8::/32` or `[2001:db8::/32]:443`.
  /// - Throws: `ParseError` in one sentence.
  public init(parsing text: String) throws(ParseError) {
    self.text = text.escaped
    let (block, ports) = TargetRule.split(text)
    guard !TargetRule.isAmbiguous(text) else {
      throw ParseError(
        description: "'\(text.escaped)' is ambiguous: is its last part a port? Write [ADDRESS]:PORT or ADDRESS/128")
    }
    guard let prefix = AddressPrefix(block) else {
      let proposal = TargetRule.proposal(block).map { "; did you mean \($0)?" } ?? ""
      throw ParseError(
        description:
          "'\(text.escaped)' is not a rule: write CIDR or CIDR:PORTS, with the first address of the block, as"
          + " 192.0.2.0/24:80,8000-8100 or [2001:db8::/32]:443\(proposal)")
    }
    self.prefix = prefix
    self.ports = try ports.map { text throws(ParseError) in try TargetRule.parsePorts(text) }
  }

  /// Whether the endpoint is one that this rule is about.
  public func matches(_ endpoint: Endpoint) -> Bool {
    guard prefix.contains(endpoint.address) else { return false }
    return ports?.contains { $0.contains(endpoint.port) } ?? true
  }

  /// Whether it names this address and port alone.
  public func isExactly(_ endpoint: Endpoint) -> Bool {
    prefix.isSingle && prefix.contains(endpoint.address) && ports == [endpoint.port...endpoint.port]
  }

  /// Whether it is an address of IPv6 that, without its last group, would be one with a port behind it.
  private static func isAmbiguous(_ text: String) -> Bool {
    guard IPAddress(text)?.family == .v6, let colon = text.lastIndex(of: ":") else { return false }
    let isPort = (try? Target.parsePort(text[text.index(after: colon)...])) != nil
    return isPort && IPAddress(text[..<colon]) != nil
  }

  /// The block that an address within it was written for.
  private static func proposal(_ block: String) -> AddressPrefix? {
    let parts = block.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let address = IPAddress(parts[0]), let length = Int(parts[1]) else { return nil }
    return AddressPrefix(containing: address, length: length)
  }

  /// The text of the block and that of the ports.
  private static func split(_ text: String) -> (block: String, ports: Substring?) {
    if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
      let inside = text[text.index(after: text.startIndex)..<end]
      let rest = text[text.index(after: end)...]
      let colon = rest.firstIndex(of: ":")
      let length = colon.map { rest[..<$0] } ?? rest
      // In brackets stands an IPv6 address, for what else would they be needed; a length may follow them.
      guard inside.contains(":"), length.isEmpty || length.hasPrefix("/") else { return ("", nil) }
      return ("\(inside)\(length)", colon.map { rest[rest.index(after: $0)...] })
    }
    // Behind the slash stands a number, so that a colon there begins the ports in both families.
    let slash = text.firstIndex(of: "/")
    let isV6 = (slash.map { text[..<$0] } ?? text[...]).utf8.count { $0 == UInt8(ascii: ":") } > 1
    if isV6, slash == nil { return (text, nil) }
    let from = slash ?? text.startIndex
    guard let colon = text[from...].firstIndex(of: ":") else { return (text, nil) }
    return (String(text[..<colon]), text[text.index(after: colon)...])
  }

  private static func parsePorts(_ text: Substring) throws(ParseError) -> [ClosedRange<UInt16>] {
    var ports: [ClosedRange<UInt16>] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false)
      do throws(Target.ParseError) {
        let first = try Target.parsePort(ends[0])
        let last = ends.count == 2 ? try Target.parsePort(ends[1]) : first
        guard ends.count <= 2, first <= last else { throw Target.ParseError(description: "") }
        ports.append(first...last)
      } catch {
        throw ParseError(
          description: "'\(String(text).escaped)' is not a list of ports: write numbers and ranges, as 80,443,8000-8100"
        )
      }
    }
    return ports
  }
}
