/// A block of addresses in CIDR notation (RFC 4632, RFC 4291 section 2.3).
public struct AddressPrefix: Hashable, Sendable {
  /// The first address of the block; it has no zone.
  public let base: IPAddress
  /// How many leading bits all addresses of the block share: up to 32 or 128.
  public let length: Int

  /// The block of `length` shared bits that `address` lies in; nil for a length that its family does not have.
  public init?(containing address: IPAddress, length: Int) {
    let width = address.family == .v4 ? 32 : 128
    guard (0...width).contains(length) else { return nil }
    let bits = address.bits & AddressPrefix.mask(length, width)
    base = address.family == .v4 ? IPAddress(v4: UInt32(truncatingIfNeeded: bits)) : IPAddress(v6: bits)
    self.length = length
  }

  /// The block of one address.
  public init(_ address: IPAddress) {
    base = address.unzoned
    length = address.family == .v4 ? 32 : 128
  }

  /// Reads `192.0.2.0/24`, `2001:db8::/32`, or an address alone.
  ///
  /// Nil for anything else, and for a block that is not written by its first address: `192.0.2.1/24` may be meant either
  /// way.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let address = IPAddress(parts[0]) else { return nil }
    guard parts.count == 2 else {
      self.init(address)
      return
    }
    let digits = parts[1].utf8
    let isPlain = (1...3).contains(digits.count) && digits.allSatisfy { (0x30...0x39).contains($0) }
    guard isPlain, digits.count == 1 || digits.first != 0x30, let length = Int(parts[1]) else { return nil }
    self.init(containing: address, length: length)
    guard base == address else { return nil }
  }

  /// Whether the address lies in this block; its zone does not count.
  public func contains(_ address: IPAddress) -> Bool {
    guard address.family == base.family else { return false }
    return address.bits & AddressPrefix.mask(length, address.family == .v4 ? 32 : 128) == base.bits
  }

  /// Whether every address of `other` lies in this block.
  public func contains(_ other: AddressPrefix) -> Bool {
    other.length >= length && contains(other.base)
  }

  /// Whether this is the block of one address.
  public var isSingle: Bool { length == (base.family == .v4 ? 32 : 128) }

  private static func mask(_ length: Int, _ width: Int) -> UInt128 {
    let all: UInt128 = width == 128 ? .max : (1 << 32) - 1
    return length == 0 ? 0 : all << UInt128(width - length) & all
  }
}

extension AddressPrefix: CustomStringConvertible {
  /// `192.0.2.0/24`, or the address alone where it is one.
  public var description: String { isSingle ? "\(base)" : "\(base)/\(length)" }
}
