internal import SynCore

/// How sure all verdicts together must be, as users write it.
public enum Confidence {
  /// Why a text is no confidence.
  public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, and what is right.
    public let description: String
  }

  /// Reads `95%`, `99.9%`, or a ratio as results have it, `0.95`.
  /// - Throws: `ParseError` for what is none from 50 % to 99.9999 %.
  public static func parse(_ text: String) throws(ParseError) -> Double {
    let percentage = text.last == "%" ? RangeText.number(text.dropLast()) : nil
    let ratio = RangeText.number(text[...]).flatMap { $0 < 1 ? $0 * 100 : nil }
    guard let percent = percentage ?? ratio else {
      throw ParseError(description: "'\(text.escaped)' is not a percentage: write 95%")
    }
    guard (50...99.9999).contains(percent) else {
      throw ParseError(description: "'\(text.escaped)' is out of range: 50% to 99.9999%")
    }
    return percent / 100
  }
}
