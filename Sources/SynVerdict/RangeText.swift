internal import SynCore

/// Why a text is not a claim, or a fault that claims can be derived from.
public struct ClaimError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong, and what is right.
  public let description: String

  /// Joins the words.
  public init(_ description: String) {
    self.description = description
  }
}

/// The grammar of claimed ranges: `A..B`, `A..`, `..B`, `A+-B` and `A+-P%`.
enum RangeText {
  /// The two ends as they were written; a tolerance is worked out by the caller.
  enum Form: Equatable {
    case between(Substring, Substring)
    case around(Substring, tolerance: Substring)
  }

  /// Splits a text at its `..`, `+-` or `±`.
  ///
  /// - Parameters:
  ///   - text: What was written.
  ///   - example: What is right in general.
  ///   - range: The range about a single value that is meant instead; nil where the text is none.
  /// - Returns: Its form.
  /// - Throws: `ClaimError` with the range to write.
  static func split(_ text: String, example: String, around range: String?) throws(ClaimError) -> Form {
    for sign in ["+-", "±"] {
      if let (center, tolerance) = cut(text, at: sign), !center.isEmpty, !tolerance.isEmpty {
        return .around(center, tolerance: tolerance)
      }
    }
    if let (lower, upper) = cut(text, at: ".."), !lower.isEmpty || !upper.isEmpty { return .between(lower, upper) }
    if let range {
      throw ClaimError(
        "'\(text.escaped)' is a single value, which no measurement meets exactly: write a range, as \(range)")
    }
    throw ClaimError("'\(text.escaped)' is not a range: write \(example)")
  }

  /// A percentage as a share: `5%` is 0.05.
  static func share(_ text: Substring, of whole: String) throws(ClaimError) -> Double {
    guard text.last == "%", let percent = number(text.dropLast()) else {
      throw ClaimError("'\(whole.escaped)' is not a range of percentages: write 4%..6%, 5%+-2%, ..1% or 50%..")
    }
    guard percent <= 100 else { throw ClaimError("'\(whole.escaped)': \(text) is more than 100%") }
    return percent / 100
  }

  /// A decimal number without a sign or an exponent.
  static func number(_ text: Substring) -> Double? {
    let isPlain = !text.isEmpty && text.count <= 16 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2e }
    return isPlain && text.first != "." ? Double(text) : nil
  }

  /// A share as a percentage, to a millionth of a percent.
  static func percent(_ share: Double) -> String {
    decimal(Int64((share * 1e8).rounded()), of: 1_000_000) + "%"
  }

  /// A number of parts, of which `whole`, a power of ten, are one, as a decimal number without zeros at its end.
  static func decimal(_ parts: Int64, of whole: Int64) -> String {
    var fraction = String(parts % whole + whole).dropFirst()
    while fraction.last == "0" { fraction = fraction.dropLast() }
    return "\(parts / whole)" + (fraction.isEmpty ? "" : ".\(fraction)")
  }

  /// A share as a percentage for people, to a tenth of a percent.
  static func rounded(_ share: Double) -> String { percent((share * 1000).rounded() / 1000) }

  private static func cut(_ text: String, at mark: String) -> (Substring, Substring)? {
    var start = text.startIndex
    while start < text.endIndex {
      if text[start...].hasPrefix(mark) {
        return (text[..<start], text[text.index(start, offsetBy: mark.count)...])
      }
      start = text.index(after: start)
    }
    return nil
  }
}

extension ClaimedRange {
  static func ordered(_ lower: Bound?, _ upper: Bound?, _ text: String) throws(ClaimError) -> Self {
    if let lower, let upper, lower > upper {
      throw ClaimError("'\(text.escaped)' is empty: its lower end is above its upper one")
    }
    return Self(lower: lower, upper: upper)
  }
}

extension ClaimedRange<Int64> {
  private static let example = "90ms..110ms, ..200ms, 50ms.., 100ms+-10ms or 100ms+-10%"

  /// Reads a range of durations, as `90ms..110ms`, `..200ms`, `50ms..`, `100ms+-10ms` or `100ms+-10%`.
  /// - Parameters:
  ///   - text: Each end a number and a unit, up to a day; zero is one.
  ///   - allowsNegative: Whether an end may be below zero, as a shift may.
  /// - Returns: Nanoseconds.
  /// - Throws: `ClaimError` that says what is right.
  public static func durations(_ text: String, allowsNegative: Bool = false) throws(ClaimError) -> Self {
    switch try RangeText.split(text, example: example, around: about(text)) {
    case .between(let first, let last):
      let lower = first.isEmpty ? nil : try end(first, allowsNegative)
      let upper = last.isEmpty ? nil : try end(last, allowsNegative)
      return try ordered(lower, upper, text)
    case .around(let first, let tolerance):
      let center = try end(first, allowsNegative)
      let width: Int64
      if tolerance.last == "%" {
        let share = try RangeText.share(tolerance, of: text)
        width = Int64((Double(center.magnitude) * share).rounded())
      } else {
        width = try end(tolerance, false)
      }
      let lower = center - width
      return try ordered(allowsNegative ? lower : Swift.max(lower, 0), center + width, text)
    }
  }

  /// A tenth to either side of a single duration; nil where the text is none.
  private static func about(_ text: String) -> String? {
    guard let value = try? Duration.parse(text).nanoseconds else { return nil }
    return Self(lower: value - value / 10, upper: value + value / 10).text
  }

  private static func end(_ text: Substring, _ allowsNegative: Bool) throws(ClaimError) -> Int64 {
    let isNegative = allowsNegative && text.first == "-"
    let digits = String(isNegative ? text.dropFirst() : text)
    if ["0ns", "0us", "0µs", "0ms", "0s", "0m"].contains(digits) { return 0 }
    do throws(Duration.ParseError) {
      let nanoseconds = try Duration.parse(digits).nanoseconds
      return isNegative ? -nanoseconds : nanoseconds
    } catch {
      throw ClaimError("\(error)")
    }
  }

  /// The range as `90ms..110ms`.
  public var text: String { "\(lower.map(Self.text) ?? "")..\(upper.map(Self.text) ?? "")" }

  private static func text(_ nanoseconds: Int64) -> String {
    if nanoseconds == 0 { return "0ms" }
    return (nanoseconds < 0 ? "-" : "") + Duration.nanoseconds(Int64(nanoseconds.magnitude)).text.filter { $0 != " " }
  }
}

extension ClaimedRange<Double> {
  private static let example = "4%..6%, 5%+-2%, ..1% or 50%.."

  /// Reads a range of percentages, as `4%..6%`, `5%+-2%` (points), `..1%` or `50%..`.
  /// - Returns: Shares from 0 to 1.
  /// - Throws: `ClaimError` that says what is right.
  public static func percentages(_ text: String) throws(ClaimError) -> Self {
    switch try RangeText.split(text, example: example, around: about(text)) {
    case .between(let first, let last):
      let lower = first.isEmpty ? nil : try RangeText.share(first, of: text)
      let upper = last.isEmpty ? nil : try RangeText.share(last, of: text)
      return try ordered(lower, upper, text)
    case .around(let center, let tolerance):
      let share = try RangeText.share(center, of: text)
      let width = try RangeText.share(tolerance, of: text)
      return Self(lower: Swift.max(share - width, 0), upper: Swift.min(share + width, 1))
    }
  }

  /// A fifth, or a point, to either side of a single percentage; nil where the text is none.
  private static func about(_ text: String) -> String? {
    guard let share = try? RangeText.share(text[...], of: text) else { return nil }
    let width = Swift.max(share / 5, 0.01)
    return Self(lower: Swift.max(share - width, 0), upper: Swift.min(share + width, 1)).text
  }

  /// The range as `4%..6%`.
  public var text: String { "\(lower.map(RangeText.percent) ?? "")..\(upper.map(RangeText.percent) ?? "")" }
}
