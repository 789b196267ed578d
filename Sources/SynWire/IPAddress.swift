/// An IPv4 or IPv6 address.
public struct IPAddress: Hashable, Sendable {
  /// The two families of addresses.
  public enum Family: Sendable, Hashable {
    /// 32 bits.
    case v4
    /// 128 bits.
    case v6
  }

  /// Which of the two kinds of address this is.
  public let family: Family
  /// The address as a number in host byte order; an IPv4 address in its low 32 bits.
  public let bits: UInt128
  /// The zone of a link-local IPv6 address as an interface index; 0 for none (RFC 4007).
  public let zone: UInt32

  /// The IPv4 address with these 32 bits.
  public init(v4 bits: UInt32) {
    family = .v4
    self.bits = UInt128(bits)
    zone = 0
  }

  /// The IPv6 address with these 128 bits, in the zone of one interface where it is link-local.
  public init(v6 bits: UInt128, zone: UInt32 = 0) {
    family = .v6
    self.bits = bits
    self.zone = zone
  }

  /// The octets in network order: 4 or 16.
  public var octets: [UInt8] {
    let count = family == .v4 ? 4 : 16
    return (0..<count).map { UInt8(truncatingIfNeeded: bits >> UInt128((count - 1 - $0) * 8)) }
  }

  /// The address of these octets, or nil where there are neither 4 nor 16.
  public init?(octets: some Collection<UInt8>, zone: UInt32 = 0) {
    let bits = octets.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
    switch octets.count {
    case 4: self.init(v4: UInt32(truncatingIfNeeded: bits))
    case 16: self.init(v6: bits, zone: zone)
    default: return nil
    }
  }

  /// The same address without its zone, as it stands in a header.
  public var unzoned: IPAddress {
    family == .v4 ? self : IPAddress(v6: bits)
  }

  /// Whether this is an IPv6 link-local address (fe80::/10), which means nothing without a zone.
  public var isLinkLocalV6: Bool { family == .v6 && bits >> 118 == 0x3fa }

  /// The IPv4 address that an IPv4-mapped IPv6 address (RFC 4291 section 2.5.5.2) stands for; any other address itself.
  public var unmapped: IPAddress {
    family == .v6 && bits >> 32 == 0xffff ? IPAddress(v4: UInt32(truncatingIfNeeded: bits)) : self
  }

  /// Whether this address stands for one host: not the unspecified, a multicast or the limited broadcast address.
  public var isUnicast: Bool {
    switch family {
    case .v4: bits >> 24 != 0 && bits >> 28 != 0xe && bits != 0xffff_ffff
    case .v6: bits != 0 && bits >> 120 != 0xff
    }
  }
}

extension IPAddress {
  /// Hashes what tells addresses apart: of IPv4 that is one number.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(UInt64(truncatingIfNeeded: bits))
    guard family == .v6 else { return }
    hasher.combine(UInt64(truncatingIfNeeded: bits >> 64))
    hasher.combine(zone)
  }
}

extension IPAddress: Codable {
  /// Reads its text.
  /// - Throws: `DecodingError` for a text that is none.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    let parts = text.split(separator: "%", maxSplits: 1)
    guard let address = parts.first.flatMap({ IPAddress(String($0)) }),
      let zone = UInt32(parts.count > 1 ? parts[1] : "0")
    else { throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is no address") }
    self = address.family == .v4 ? address : IPAddress(v6: address.bits, zone: zone)
  }

  /// Writes its text.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension IPAddress: CustomStringConvertible {
  /// Dotted decimal, or the recommended text of RFC 5952; a zone follows as `%index`.
  public var description: String {
    switch family {
    case .v4: return octets.map(String.init).joined(separator: ".")
    case .v6: return textV6 + (zone == 0 ? "" : "%\(zone)")
    }
  }

  private var textV6: String {
    if bits >> 32 == 0xffff { return "::ffff:\(IPAddress(v4: UInt32(truncatingIfNeeded: bits)))" }
    let groups = (0..<8).map { UInt16(truncatingIfNeeded: bits >> UInt128((7 - $0) * 16)) }
    let hex = groups.map { String($0, radix: 16) }
    guard let run = longestZeroRun(groups) else { return hex.joined(separator: ":") }
    return hex[..<run.lowerBound].joined(separator: ":") + "::" + hex[run.upperBound...].joined(separator: ":")
  }

  /// The first of the longest runs of two or more zero groups (RFC 5952 section 4.2).
  private func longestZeroRun(_ groups: [UInt16]) -> Range<Int>? {
    var best: Range<Int>?
    var start = 0
    for (index, group) in groups.enumerated() {
      if group != 0 { start = index + 1 }
      let run = start..<index + 1
      if run.count >= 2, run.count > best?.count ?? 0 { best = run }
    }
    return best
  }
}
