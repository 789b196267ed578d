extension IPAddress {
  /// Reads the strict text form: four decimal numbers without leading zeros, or the text of RFC 4291 section 2.2.
  ///
  /// No octal, hexadecimal or shortened IPv4 form is taken, and no zone: what is accepted here means one address only.
  public init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    if bytes.contains(UInt8(ascii: ":")) {
      guard let bits = IPAddress.parseV6(bytes[...]) else { return nil }
      self.init(v6: bits)
    } else {
      guard let bits = IPAddress.parseV4(bytes[...]) else { return nil }
      self.init(v4: bits)
    }
  }

  private static func parseV4(_ text: ArraySlice<UInt8>) -> UInt32? {
    let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var bits: UInt32 = 0
    for part in parts {
      guard let octet = number(part, radix: 10, digits: 3), octet <= 255 else { return nil }
      if part.count > 1, part.first == UInt8(ascii: "0") { return nil }
      bits = bits << 8 | octet
    }
    return bits
  }

  private static func parseV6(_ text: ArraySlice<UInt8>) -> UInt128? {
    guard let gap = doubleColon(in: text) else {
      guard let groups = groups(text, endsAddress: true), groups.count == 8 else { return nil }
      return join(groups)
    }
    guard let head = groups(text[..<gap], endsAddress: false), let tail = groups(text[(gap + 2)...], endsAddress: true)
    else { return nil }
    let missing = 8 - head.count - tail.count
    guard missing >= 1 else { return nil }
    return join(head + Array(repeating: 0, count: missing) + tail)
  }

  private static func doubleColon(in text: ArraySlice<UInt8>) -> Int? {
    text.indices.dropLast().first { text[$0] == UInt8(ascii: ":") && text[$0 + 1] == UInt8(ascii: ":") }
  }

  /// Groups of up to four hexadecimal digits between colons; the address's last may be a dotted quad, which makes two.
  private static func groups(_ text: ArraySlice<UInt8>, endsAddress: Bool) -> [UInt16]? {
    if text.isEmpty { return [] }
    var groups: [UInt16] = []
    let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    guard parts.count <= 8 else { return nil }
    for (index, part) in parts.enumerated() {
      if endsAddress, index == parts.count - 1, part.contains(UInt8(ascii: ".")) {
        guard let quad = parseV4(part) else { return nil }
        groups += [UInt16(truncatingIfNeeded: quad >> 16), UInt16(truncatingIfNeeded: quad)]
      } else {
        guard let group = number(part, radix: 16, digits: 4) else { return nil }
        groups.append(UInt16(truncatingIfNeeded: group))
      }
    }
    return groups.count <= 8 ? groups : nil
  }

  private static func join(_ groups: [UInt16]) -> UInt128 {
    groups.reduce(0) { $0 << 16 | UInt128($1) }
  }

  /// 1 to `digits` digits and nothing else: no sign, no space, no digit of another script.
  private static func number(_ text: ArraySlice<UInt8>, radix: UInt32, digits: Int) -> UInt32? {
    guard !text.isEmpty, text.count <= digits else { return nil }
    var value: UInt32 = 0
    for byte in text {
      guard let digit = digit(byte), digit < radix else { return nil }
      value = value * radix + digit
    }
    return value
  }

  private static func digit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a")) + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A")) + 10
    default: nil
    }
  }
}
