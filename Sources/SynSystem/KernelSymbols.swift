internal import Glibc

/// The names of this kernel's functions by their addresses (/proc/kallsyms).
package struct KernelSymbols: Sendable {
  /// Addresses in their order, each with the place of its name in `text`.
  private let symbols: [(address: UInt64, name: Range<Int>)]
  private let text: [UInt8]

  private static let largest = 64 << 20
  /// No function is larger.
  private static let largestFunction: UInt64 = 1 << 20

  /// Reads them all, some 50 ms; none where the kernel hides the addresses (CAP_SYSLOG, kernel.kptr_restrict).
  package init() {
    let text = (try? TextFile.read("/proc/kallsyms", atMost: KernelSymbols.largest)) ?? ""
    self.init(text)
  }

  /// Reads lines of an address, a kind and a name.
  package init(_ text: String) {
    let bytes = Array(text.utf8)
    var found: [(address: UInt64, name: Range<Int>)] = []
    var start = 0
    for end in bytes.indices where bytes[end] == UInt8(ascii: "\n") {
      if let symbol = KernelSymbols.symbol(bytes, start..<end) { found.append(symbol) }
      start = end + 1
    }
    // The modules' follow the kernel's own.
    symbols = found.sorted { $0.address < $1.address }
    self.text = bytes
  }

  /// The function that an address lies in; nil where that is not known.
  package func function(at address: UInt64) -> String? {
    var (lower, upper) = (0, symbols.count)
    while lower < upper {
      let middle = (lower + upper) / 2
      if symbols[middle].address <= address { lower = middle + 1 } else { upper = middle }
    }
    guard lower > 0, address - symbols[lower - 1].address < KernelSymbols.largestFunction else { return nil }
    let name = text[symbols[lower - 1].name]
    // What the compiler made of it: nft_do_chain.constprop.0.
    return String(decoding: name.prefix { $0 != UInt8(ascii: ".") }, as: UTF8.self)
  }

  /// A line `ffffffff81a2b3c0 T name [module]`; nil for data, and for an address that is hidden.
  private static func symbol(_ bytes: [UInt8], _ line: Range<Int>) -> (address: UInt64, name: Range<Int>)? {
    var address: UInt64 = 0
    var place = line.lowerBound
    while place < line.upperBound, let digit = Character(UnicodeScalar(bytes[place])).hexDigitValue {
      address = address << 4 | UInt64(digit)
      place += 1
    }
    guard address > 0, place + 3 < line.upperBound, "tTwW".utf8.contains(bytes[place + 1]) else { return nil }
    let first = place + 3
    let end = (first..<line.upperBound).first { [UInt8(ascii: "\t"), UInt8(ascii: " ")].contains(bytes[$0]) }
    return (address, first..<(end ?? line.upperBound))
  }
}
