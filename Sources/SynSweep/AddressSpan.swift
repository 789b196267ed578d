public import SynWire

/// Addresses in a row, of one family; they have no zone.
public struct AddressSpan: Hashable, Sendable {
  /// The family of all of them.
  public let family: IPAddress.Family
  /// The first one's bits.
  public let first: UInt128
  /// The last one's bits, not below the first's.
  public let last: UInt128

  /// From one address to another of its family; nil where they are of two families, or the wrong way round.
  public init?(_ first: IPAddress, _ last: IPAddress) {
    guard first.family == last.family, first.bits <= last.bits else { return nil }
    self.init(first.family, first.bits, last.bits)
  }

  /// All of a block.
  public init(_ prefix: AddressPrefix) {
    let width = prefix.base.family == .v4 ? 32 : 128
    let host = prefix.length == 0 && width == 128 ? UInt128.max : (1 << UInt128(width - prefix.length)) - 1
    self.init(prefix.base.family, prefix.base.bits, prefix.base.bits | host)
  }

  init(_ family: IPAddress.Family, _ first: UInt128, _ last: UInt128) {
    self.family = family
    self.first = first
    self.last = last
  }

  /// How many, or the most that can be said.
  public var count: UInt128 {
    let (count, overflow) = (last - first).addingReportingOverflow(1)
    return overflow ? .max : count
  }

  /// The first address.
  public var firstAddress: IPAddress { address(0) }

  /// The address that is so far behind the first.
  func address(_ offset: UInt128) -> IPAddress { IPAddress(family, bits: first + offset) }
}

extension AddressSpan {
  /// Why a text names no addresses.
  public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, and what is right.
    public let description: String
  }

  /// Reads a block in CIDR notation, `FIRST-LAST`, or one address.
  /// - Throws: `ParseError`, whose text holds nothing of what was read.
  public static func parse(_ text: some StringProtocol) throws(ParseError) -> AddressSpan {
    if let dash = text.firstIndex(of: "-") {
      guard let first = IPAddress(text[..<dash]), let last = IPAddress(text[text.index(after: dash)...]) else {
        throw ParseError(description: "FIRST-LAST are two addresses, as 192.0.2.1-192.0.2.9")
      }
      guard let span = AddressSpan(first, last) else {
        throw ParseError(description: "the first address is of another family than the last, or above it")
      }
      return span
    }
    if let prefix = AddressPrefix(text) { return AddressSpan(prefix) }
    guard let slash = text.firstIndex(of: "/"), let address = IPAddress(text[..<slash]),
      let length = Int(text[text.index(after: slash)...]),
      let block = AddressPrefix(containing: address, length: length)
    else { throw ParseError(description: "it is no address, no CIDR block, and no FIRST-LAST") }
    throw ParseError(description: "the block that holds it is written \(block)")
  }
}

extension IPAddress {
  init(_ family: Family, bits: UInt128) {
    self = family == .v4 ? IPAddress(v4: UInt32(truncatingIfNeeded: bits)) : IPAddress(v6: bits)
  }
}
