internal import SynCore

/// A path into a JSON result, as `rtt_ms.p50` or `probes.0.rtt_ms`.
package struct FieldPath: Sendable {
  private let text: String
  private let parts: [String]

  /// Why a text is not a path.
  package struct ParseError: Error, CustomStringConvertible {
    package let description: String
  }

  /// Reads a path into results of a kind.
  /// - Throws: `ParseError` for one that no such result has.
  package init<Report: ReportObject>(
    _ text: String, in _: Report.Type, example: String
  ) throws(ParseError) {
    self.text = text
    parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard Report.form.hasValue(at: parts[...]) else {
      throw ParseError(description: "'\(text.escaped)' is not a value of the JSON result, such as \(example)")
    }
  }

  /// The bare value at the path; nil when this result has none.
  package func value(in report: some ReportObject) -> String? { report.text(at: parts[...]) }

  /// A place in an array, in plain decimal.
  static func index(_ part: String) -> Int? {
    part.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(part) : nil
  }
}

extension FieldPath: CustomStringConvertible {
  /// The path as it was written, escaped.
  package var description: String { text.escaped }
}
