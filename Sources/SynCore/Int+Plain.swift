extension Int {
  /// A number in a range, in plain decimal digits: no sign, no exponent, no digits of other scripts.
  package init?(plain text: String, in range: ClosedRange<Int>) {
    let isPlain = (1...9).contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    guard isPlain, let value = Int(text), range.contains(value) else { return nil }
    self = value
  }
}
