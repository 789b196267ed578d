extension Duration {
  /// Why a text is not a duration.
  public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, and what is right.
    public let description: String
  }

  /// The largest duration that can be asked for.
  public static let longestAccepted = Duration.seconds(86_400)

  /// Reads `500us`, `20ms`, `1.5s` or `2m`: a decimal number and a unit, above zero and up to a day.
  /// - Throws: `ParseError` that names the units, for they are never guessed.
  public static func parse(_ text: String) throws(ParseError) -> Duration {
    guard let (number, unit) = split(text), let scale = scales[unit] else {
      throw ParseError(
        description: "'\(text.escaped)' is not a duration: write a number and a unit, one of ns us ms s m, as 200ms")
    }
    guard let nanoseconds = decimal(number, times: scale) else {
      throw ParseError(description: "'\(text.escaped)' is not a duration: '\(number.escaped)' is not a decimal number")
    }
    let duration = Duration.nanoseconds(nanoseconds)
    guard duration > .zero, duration <= longestAccepted else {
      throw ParseError(description: "'\(text.escaped)' is out of range: above 0 and up to 1440m")
    }
    return duration
  }

  /// The shortest exact text of this duration with a unit, as `1.5s`.
  public var text: String {
    let nanoseconds = nanoseconds
    let units: [(Int64, String)] = [(1_000_000_000, " s"), (1_000_000, " ms"), (1_000, " us"), (1, " ns")]
    guard let (scale, unit) = units.first(where: { nanoseconds.magnitude >= $0.0.magnitude }) else { return "0 s" }
    let fraction = String((nanoseconds.magnitude % scale.magnitude + scale.magnitude)).dropFirst()
    var trimmed = fraction[...]
    while trimmed.last == "0" { trimmed = trimmed.dropLast() }
    return "\(nanoseconds / scale)" + (trimmed.isEmpty ? "" : ".\(trimmed)") + unit
  }

  /// So many milliseconds, as a result has them, to the nearest nanosecond.
  package init(milliseconds: Double) {
    self = .nanoseconds(Int64((milliseconds * 1e6).rounded()))
  }

  /// Milliseconds with three digits behind the point, rounded to the nearest microsecond.
  public var millisecondsText: String {
    let magnitude = nanoseconds.magnitude
    let microseconds = magnitude / 1_000 + (magnitude % 1_000 >= 500 ? 1 : 0)
    let fraction = String(microseconds % 1_000 + 1_000).dropFirst()
    return "\(nanoseconds < 0 && microseconds > 0 ? "-" : "")\(microseconds / 1_000).\(fraction)"
  }

  private static let scales: [String: Int64] = [
    "ns": 1, "us": 1_000, "µs": 1_000, "ms": 1_000_000, "s": 1_000_000_000, "m": 60_000_000_000,
  ]

  private static func split(_ text: String) -> (number: String, unit: String)? {
    let number = text.prefix { "0123456789.".contains($0) }
    return number.isEmpty ? nil : (String(number), String(text[number.endIndex...]))
  }

  /// The exact product, in whole nanoseconds; nil for two points, no digit, or a number beyond any range.
  private static func decimal(_ text: String, times scale: Int64) -> Int64? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, let whole = parts.first, !whole.isEmpty, whole.count <= 12, let units = Int64(whole) else {
      return nil
    }
    let (product, overflow) = units.multipliedReportingOverflow(by: scale)
    guard !overflow else { return nil }
    guard parts.count == 2 else { return product }
    guard !parts[1].isEmpty, parts[1].count <= 9, let fraction = Int64(parts[1]) else { return nil }
    let divisor = (0..<parts[1].count).reduce(Int64(1)) { power, _ in power * 10 }
    let (scaled, tooLarge) = fraction.multipliedReportingOverflow(by: scale)
    guard !tooLarge else { return nil }
    let (sum, carried) = product.addingReportingOverflow(scaled / divisor)
    return carried ? nil : sum
  }
}

extension String {
  /// The text with control characters spelled out, fit to be shown in a message or a log.
  public var escaped: String {
    if utf8.allSatisfy({ (0x20...0x7e).contains($0) }) { return self }
    return unicodeScalars.reduce(into: "") { text, scalar in
      let isControl =
        scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) || (0x2028...0x2029).contains(scalar.value)
        || scalar.properties.isBidiControl
      text += isControl ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
    }
  }
}
