internal import SynCore

/// How wide a link is: bits a second, counted as tc(8) does, with Ethernet's header and without its preamble and gap.
public struct BitRate: Hashable, Comparable, Sendable, Codable {
  /// Above 0.
  public let bitsPerSecond: Double

  /// Wraps a number of bits a second.
  public init(_ bitsPerSecond: Double) {
    self.bitsPerSecond = bitsPerSecond
  }

  /// So many bytes in so many nanoseconds.
  init(bytes: Int, in nanoseconds: Double) {
    bitsPerSecond = Double(bytes) * 8e9 / nanoseconds
  }

  /// Orders by the width.
  public static func < (left: Self, right: Self) -> Bool { left.bitsPerSecond < right.bitsPerSecond }

  private static let units: [(String, Double)] = [("gbit", 1e9), ("mbit", 1e6), ("kbit", 1e3), ("bit", 1)]

  /// In the largest unit of which there is one or more, as `9.5mbit`: three decimals at most.
  public var text: String {
    let (unit, scale) = BitRate.units.first { bitsPerSecond >= $0.1 } ?? BitRate.units[3]
    return RangeText.decimal(Int64((bitsPerSecond / scale * 1000).rounded()), of: 1000) + unit
  }

  /// Reads a rate as tc(8) writes it, with a unit: `10mbit`, `1.5gbit`, `500kbps` (bytes a second).
  static func parse(_ text: Substring, of whole: String) throws(ClaimError) -> BitRate {
    guard text.last?.isNumber == false, let bytes = NetemParser.rate(text) else {
      throw ClaimError("'\(whole.escaped)' is not a range of rates: write \(example)")
    }
    return BitRate(bytes * 8)
  }

  fileprivate static let example = "9mbit..11mbit, 10mbit+-5%, ..1gbit or 500kbit.."
}

extension ClaimedRange<BitRate> {
  /// Reads a range of rates, as `9mbit..11mbit`, `10mbit+-5%`, `10mbit+-1mbit`, `..1gbit` or `500kbit..`.
  /// - Throws: `ClaimError` that says what is right.
  public static func rates(_ text: String) throws(ClaimError) -> Self {
    switch try RangeText.split(text, example: BitRate.example, around: about(text)) {
    case .between(let first, let last):
      let lower = first.isEmpty ? nil : try BitRate.parse(first, of: text)
      let upper = last.isEmpty ? nil : try BitRate.parse(last, of: text)
      return try ordered(lower, upper, text)
    case .around(let first, let tolerance):
      let center = try BitRate.parse(first, of: text)
      let width =
        tolerance.last == "%"
        ? try RangeText.share(tolerance, of: text) * center.bitsPerSecond
        : try BitRate.parse(tolerance, of: text).bitsPerSecond
      return about(center, width)
    }
  }

  /// A rate with so much to either side.
  static func about(_ center: BitRate, _ width: Double) -> Self {
    Self(lower: BitRate(Swift.max(center.bitsPerSecond - width, 1)), upper: BitRate(center.bitsPerSecond + width))
  }

  /// A tenth to either side of a single rate; nil where the text is none.
  private static func about(_ text: String) -> String? {
    guard let rate = try? BitRate.parse(text[...], of: text) else { return nil }
    return about(rate, rate.bitsPerSecond / 10).text
  }

  /// The range as `9mbit..11mbit`.
  public var text: String { "\(lower?.text ?? "")..\(upper?.text ?? "")" }
}
