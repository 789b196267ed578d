/// One line of a list of addresses: a block, FIRST-LAST or one address; `#` begins a comment.
public enum TargetLine {
  /// What a line names; nil for an empty one.
  /// - Throws: `AddressSpan.ParseError`.
  public static func parse(_ line: some StringProtocol) throws(AddressSpan.ParseError) -> AddressSpan? {
    let words = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" || $0 == "\r" }
    guard let first = words.first else { return nil }
    guard words.count == 1 else { throw AddressSpan.ParseError(description: "more than one word on a line") }
    return try AddressSpan.parse(first)
  }
}
