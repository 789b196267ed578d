/// The only loads from received bytes in this module: each is nil where the bytes end before it.
extension RawSpan {
  /// The octet at `offset`.
  func octet(at offset: Int) -> UInt8? {
    guard offset >= 0, offset < byteCount else { return nil }
    return unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
  }

  /// The 16-bit number in network byte order at `offset`.
  func uint16(at offset: Int) -> UInt16? {
    guard offset >= 0, byteCount >= 2, offset <= byteCount - 2 else { return nil }
    return UInt16(bigEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }

  /// The 32-bit number in network byte order at `offset`.
  func uint32(at offset: Int) -> UInt32? {
    guard offset >= 0, byteCount >= 4, offset <= byteCount - 4 else { return nil }
    return UInt32(bigEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  /// The address of `family` at `offset`.
  func address(_ family: IPAddress.Family, at offset: Int) -> IPAddress? {
    switch family {
    case .v4:
      return uint32(at: offset).map { IPAddress(v4: $0) }
    case .v6:
      guard offset >= 0, byteCount >= 16, offset <= byteCount - 16 else { return nil }
      return IPAddress(v6: UInt128(bigEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt128.self)))
    }
  }
}
