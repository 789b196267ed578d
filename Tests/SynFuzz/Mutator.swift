import SynTesting

/// Makes an input out of a right one: the same seed and number make the same input.
struct Mutator {
  private var generator: SeededGenerator
  private static let interesting: [UInt8] = [0, 1, 0x0f, 0x40, 0x45, 0x50, 0x60, 0x7f, 0x80, 0xf0, 0xff]
  private static let longest = 512

  init(seed: UInt64, number: UInt64) {
    generator = SeededGenerator(seed: seed &* 0x9e37_79b9_7f4a_7c15 &+ number)
  }

  mutating func next() -> [UInt8] {
    if pick(64) == 0 { return noise() }
    var bytes = Corpus.inputs[pick(Corpus.inputs.count)]
    for _ in 0..<pick(6) { change(&bytes) }
    if pick(2) == 0 { seal(&bytes) }
    return bytes
  }

  private mutating func pick(_ count: Int) -> Int { Int(generator.next() % UInt64(max(count, 1))) }

  private mutating func octet() -> UInt8 { UInt8(truncatingIfNeeded: generator.next()) }

  private mutating func noise() -> [UInt8] { (0...pick(Self.longest)).map { _ in octet() } }

  private mutating func change(_ bytes: inout [UInt8]) {
    guard bytes.count > 1 else { return bytes.append(octet()) }
    let at = 1 + pick(bytes.count - 1)  // The entry point stays.
    switch pick(8) {
    case 0: bytes[at] ^= 1 << UInt8(pick(8))
    case 1: bytes[at] = octet()
    case 2, 3: bytes[at] = Self.interesting[pick(Self.interesting.count)]
    case 4: bytes.removeLast(bytes.count - at)
    case 5: bytes.insert(contentsOf: noise().prefix(pick(24)), at: at)
    case 6: bytes.removeSubrange(at..<min(at + pick(16), bytes.count))
    default:
      let other = Corpus.inputs[pick(Corpus.inputs.count)]
      let from = 1 + pick(other.count - 1)
      bytes.replaceSubrange(at..<bytes.count, with: other[from...])
    }
    if bytes.count > Self.longest { bytes.removeLast(bytes.count - Self.longest) }
  }

  /// Sets the sums of a packet right where one seems to be: otherwise few inputs would get past them.
  private func seal(_ bytes: inout [UInt8]) {
    let starts = [0: [15, 19, 23], 1: [1], 2: [5], 3: [17], 4: [21]][Int(bytes[0])] ?? []
    for start in starts { Seal.set(&bytes, at: start) }
  }
}
