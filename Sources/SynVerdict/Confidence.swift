internal import SynCore

/// How sure all verdicts together must be, as users write it.
public enum Confidence {
  /// Why a text is no confidence.
  public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, and what is right.
    public let description: String
  }

  /// Reads `95%` or `99.9%`.
  /// - Throws: `ParseError` for what is no percentage from 50 % to 99.9999 %.
  public static func parse(_ text: String) throws(ParseError) -> Double {
    guard text.last == "%", let percent = RangeText.number(text.dropLast()) else {
      throw ParseError(description: "'\(text.escaped)' is not a percentage: write 95%")
    }
    guard (50...99.9999).contains(percent) else {
      throw ParseError(description: "'\(text.escaped)' is out of range: 50% to 99.9999%")
    }
    return percent / 100
  }
}
