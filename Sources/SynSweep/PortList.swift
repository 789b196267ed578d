/// Ports as people write them: `80`, `80,443`, `8000-8010`.
public enum PortList {
  /// Why a text names no ports.
  public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, and what is right.
    public let description: String
  }

  /// Reads numbers from 1 to 65535 and ranges of them, with commas between; each port once, in its order.
  /// - Throws: `ParseError`, whose text holds nothing of what was read.
  public static func parse(_ text: some StringProtocol) throws(ParseError) -> [UInt16] {
    var ports: [UInt16] = []
    var known: Set<UInt16> = []
    for part in String(text).split(separator: ",", omittingEmptySubsequences: false) {
      for port in try range(part) where known.insert(port).inserted { ports.append(port) }
    }
    return ports
  }

  private static func range(_ text: Substring) throws(ParseError) -> ClosedRange<UInt16> {
    let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = ends.first.flatMap(number), let last = ends.last.flatMap(number) else {
      throw ParseError(description: "ports are numbers from 1 to 65535, as 80,443,8000-8010")
    }
    guard first <= last else { throw ParseError(description: "a range of ports begins with the lower one") }
    return first...last
  }

  private static func number(_ text: Substring) -> UInt16? {
    let digits = text.utf8
    let isPlain = (1...5).contains(digits.count) && digits.allSatisfy { (0x30...0x39).contains($0) }
    guard isPlain, digits.first != 0x30 else { return nil }
    return UInt16(text)
  }
}
