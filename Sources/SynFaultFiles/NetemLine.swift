internal import SynCore
internal import SynVerdict
internal import SynYAML

/// A netem line that is put together from the members of a document: netem's own reader then checks it as a whole.
struct NetemLine {
  private(set) var words: [String] = []

  func spec() throws(ClaimError) -> NetemSpec { try NetemSpec.parse(words.joined(separator: " ")) }

  mutating func add(_ word: String) { words.append(word) }

  /// Nanoseconds.
  mutating func add(nanoseconds: Int64) { words.append("\(nanoseconds)ns") }

  /// 0 to 1.
  mutating func add(share: Double) { words.append("\(Int64((share * 1e8).rounded()).decimalMillionths)%") }
}

extension Int64 {
  /// A millionth of this number, exactly and without an exponent.
  fileprivate var decimalMillionths: String {
    "\(self / 1_000_000).\(String(self % 1_000_000 + 1_000_000).dropFirst())"
  }
}

extension YAMLNode {
  /// A number of a member; nil where there is none.
  /// - Throws: `ClaimError` with the place of what is no number from 0 to `most`.
  func number(_ key: String, upTo most: Double) throws(ClaimError) -> Double? {
    guard let node = self[key] else { return nil }
    guard let text = node.text, text.utf8.count <= 32, let number = Double(text), (0...most).contains(number) else {
      throw ClaimError("\(node.mark): \(key) is not a number from 0 to \(Int64(most))")
    }
    return number
  }
}
