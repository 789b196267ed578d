internal import SynCore
internal import SynSystem
public import SynWire

/// A target as a user writes it: a host and a port.
public struct Target: Hashable, Sendable {
  /// The text.
  public let input: String
  /// Who.
  public let host: Host
  /// The TCP port.
  public let port: UInt16

  package init(input: String, host: Host, port: UInt16) {
    self.input = input
    self.host = host
    self.port = port
  }

  /// A host by address or by name.
  public enum Host: Hashable, Sendable {
    /// An address, with its zone where it is link-local.
    case address(IPAddress)
    /// A name that is still to be resolved.
    case name(String)
  }

  /// Why a text is not a target.
  public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, and what is right.
    public let description: String
    /// Whether it is a well-written address that is no host's, or cannot be reached without a zone.
    public let isNoHost: Bool
    /// Whether nothing but the port is missing.
    public let isPortMissing: Bool

    package init(description: String, isNoHost: Bool = false, isPortMissing: Bool = false) {
      self.description = description
      self.isNoHost = isNoHost
      self.isPortMissing = isPortMissing
    }
  }

  /// Reads `HOST:PORT`, `[V6]:PORT`, or `HOST` where `defaultPort` is given.
  /// - Throws: `ParseError` in one sentence; text from outside is escaped in it.
  public static func parse(_ text: String, defaultPort: UInt16? = nil) throws(ParseError) -> Target {
    guard !text.isEmpty else { throw ParseError(description: "the target is empty: write HOST:PORT") }
    let (host, port) = try split(text, hasDefaultPort: defaultPort != nil)
    guard let number = try port.map(parsePort) ?? defaultPort else {
      throw ParseError(description: "'\(text.escaped)' has no port: write HOST:PORT", isPortMissing: true)
    }
    return Target(input: text.escaped, host: try parseHost(host), port: number)
  }

  /// Reads a port in plain decimal, 1 to 65535.
  public static func parsePort(_ text: some StringProtocol) throws(ParseError) -> UInt16 {
    let isPlain = !text.isEmpty && text.utf8.count <= 5 && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    guard isPlain, let port = UInt16(text), port > 0, text.utf8.first != 0x30 else {
      throw ParseError(description: "port '\(String(text).escaped)' is not a number from 1 to 65535")
    }
    return port
  }

  private static func split(
    _ text: String, hasDefaultPort: Bool
  ) throws(ParseError) -> (host: Substring, port: Substring?) {
    if text.hasPrefix("[") { return try splitBracketed(text) }
    let colons = text.utf8.count { $0 == UInt8(ascii: ":") }
    if colons > 1 {
      let address = text.split(separator: "%", maxSplits: 1).first ?? ""
      guard IPAddress(address) != nil else {
        throw ParseError(description: "'\(text.escaped)' is neither HOST:PORT nor an IPv6 address: write [V6]:PORT")
      }
      guard hasDefaultPort else {
        throw ParseError(
          description: "'\(text.escaped)' is ambiguous: write an IPv6 address with its port as [V6]:PORT")
      }
      return (text[...], nil)
    }
    guard let colon = text.firstIndex(of: ":") else { return (text[...], nil) }
    return (text[..<colon], text[text.index(after: colon)...])
  }

  private static func splitBracketed(_ text: String) throws(ParseError) -> (host: Substring, port: Substring?) {
    guard let end = text.firstIndex(of: "]") else {
      throw ParseError(description: "'\(text.escaped)' has no closing bracket: write [V6]:PORT")
    }
    let host = text[text.index(after: text.startIndex)..<end]
    guard host.utf8.contains(UInt8(ascii: ":")) else {
      throw ParseError(description: "'\(text.escaped)': only an IPv6 address stands in brackets")
    }
    let rest = text[text.index(after: end)...]
    if rest.isEmpty { return (host, nil) }
    guard rest.hasPrefix(":") else {
      throw ParseError(description: "'\(text.escaped)': only :PORT may follow the bracket")
    }
    return (host, rest.dropFirst())
  }

  private static func parseHost(_ text: Substring) throws(ParseError) -> Host {
    if text.utf8.contains(UInt8(ascii: ":")) { return .address(try parseV6(text)) }
    if let address = IPAddress(text) { return .address(try checked(address, text)) }
    if looksNumeric(text) {
      throw ParseError(
        description:
          "'\(String(text).escaped)' is not an IPv4 address: four decimal numbers from 0 to 255, as 192.0.2.1")
    }
    try checkName(text)
    return .name(String(text))
  }

  private static func parseV6(_ text: Substring) throws(ParseError) -> IPAddress {
    let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = parts.first.flatMap({ IPAddress($0) })?.unmapped else {
      throw ParseError(description: "'\(String(text).escaped)' is not an IPv6 address")
    }
    guard parts.count == 2 else {
      guard !address.isLinkLocalV6 else {
        throw ParseError(
          description: "'\(text)' is link-local and needs a zone: write \(text)%INTERFACE", isNoHost: true)
      }
      return try checked(address, text)
    }
    let zone = Devices.index(of: String(parts[1]))
    guard zone != 0 else {
      throw ParseError(description: "no interface '\(String(parts[1]).escaped)' for the zone of '\(parts[0])'")
    }
    return try checked(IPAddress(v6: address.bits, zone: address.isLinkLocalV6 ? zone : 0), text)
  }

  private static func checked(_ address: IPAddress, _ text: Substring) throws(ParseError) -> IPAddress {
    guard address.isUnicast else {
      throw ParseError(
        description: "'\(text)' is not the address of one host (unspecified, multicast or broadcast)", isNoHost: true)
    }
    return address
  }

  /// A host whose last label is a number is an IPv4 address or nothing: no resolver gets to read it as octal.
  private static func looksNumeric(_ text: Substring) -> Bool {
    let labels = text.split(separator: ".")
    guard let last = labels.last?.lowercased() else { return false }
    return last.hasPrefix("0x") || last.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  private static func checkName(_ text: Substring) throws(ParseError) {
    let name = String(text).escaped
    guard !text.isEmpty else { throw ParseError(description: "the host is empty: write HOST:PORT") }
    guard text.utf8.allSatisfy({ $0 < 0x80 }) else {
      throw ParseError(description: "host name '\(name)' has characters beyond ASCII: write its xn-- form")
    }
    let labels = text.split(separator: ".", omittingEmptySubsequences: false)
    let letters = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
    let body = labels.last == "" ? labels.dropLast() : labels[...]
    guard text.utf8.count <= 253, !body.isEmpty,
      body.allSatisfy({ !$0.isEmpty && $0.count <= 63 && $0.allSatisfy(letters.contains) && $0.first != "-" })
    else { throw ParseError(description: "'\(name.prefix(80))' is not a host name or address") }
  }
}
