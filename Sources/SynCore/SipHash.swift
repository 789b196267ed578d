/// SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash whose outputs cannot be predicted without the key.
public struct SipHash: Sendable {
  private let key: (UInt64, UInt64)

  /// Uses these 128 bits, which must come from a cryptographic source, as the key.
  public init(key: (UInt64, UInt64)) {
    self.key = key
  }

  /// The hash of the little-endian octets of `words`.
  public func hash(_ words: Span<UInt64>) -> UInt64 {
    var state = State(key)
    for index in words.indices { state.absorb(words[index]) }
    state.absorb(UInt64(truncatingIfNeeded: words.count * 8) << 56)
    return state.finish()
  }

  /// The same of a few words, which need no memory of their own.
  public func hash<let count: Int>(_ words: InlineArray<count, UInt64>) -> UInt64 { hash(words.span) }

  private struct State {
    var v0, v1, v2, v3: UInt64

    init(_ key: (UInt64, UInt64)) {
      v0 = key.0 ^ 0x736f_6d65_7073_6575
      v1 = key.1 ^ 0x646f_7261_6e64_6f6d
      v2 = key.0 ^ 0x6c79_6765_6e65_7261
      v3 = key.1 ^ 0x7465_6462_7974_6573
    }

    mutating func absorb(_ word: UInt64) {
      v3 ^= word
      for _ in 0..<2 { round() }
      v0 ^= word
    }

    mutating func finish() -> UInt64 {
      v2 ^= 0xff
      for _ in 0..<4 { round() }
      return v0 ^ v1 ^ v2 ^ v3
    }

    private mutating func round() {
      v0 = v0 &+ v1
      v1 = rotate(v1, 13) ^ v0
      v0 = rotate(v0, 32)
      v2 = v2 &+ v3
      v3 = rotate(v3, 16) ^ v2
      v0 = v0 &+ v3
      v3 = rotate(v3, 21) ^ v0
      v2 = v2 &+ v1
      v1 = rotate(v1, 17) ^ v2
      v2 = rotate(v2, 32)
    }

    private func rotate(_ word: UInt64, _ count: UInt64) -> UInt64 {
      word << count | word >> (64 - count)
    }
  }
}
