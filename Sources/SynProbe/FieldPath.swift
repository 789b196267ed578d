internal import SynCore

/// A path into the JSON result, as `rtt_ms.p50` or `probes.0.rtt_ms`.
package struct FieldPath: Sendable {
  private let text: String
  private let parts: [String]

  /// Why a text is not a path.
  package struct ParseError: Error, CustomStringConvertible {
    package let description: String
  }

  /// Reads a path into a ping result.
  /// - Throws: `ParseError` for one that no result has.
  package init(_ text: String) throws(ParseError) {
    try self.init(text, in: FieldPath.sample, example: "rtt_ms.p50")
  }

  /// Reads a path into results of the kind of `sample`, in which every field is there, and one element of each array.
  /// - Throws: `ParseError` for one that no result has.
  package init(_ text: String, in sample: JSONTree?, example: String) throws(ParseError) {
    self.text = text
    parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    let anywhere = parts.map { FieldPath.index($0) == nil ? $0 : "0" }
    guard let sample, case .leaf = FieldPath.find(anywhere, in: sample) else {
      throw ParseError(description: "'\(text.escaped)' is not a value of the JSON result, such as \(example)")
    }
  }

  private static let sample = try? JSONTree(PingReport.sample.json)

  /// The bare value at the path; nil when this result has none.
  ///
  /// Of the probes, of which there may be very many, only the one in question is looked at.
  package func value(in report: PingReport) throws(JSONText.Failure) -> String? {
    var report = report
    var parts = parts
    if parts.count > 1, parts[0] == "probes" {
      guard let index = FieldPath.index(parts[1]), let probes = report.probes, probes.indices.contains(index) else {
        return nil
      }
      report.probes = [probes[index]]
      parts[1] = "0"
    } else {
      report.probes = nil
    }
    return FieldPath.leaf(parts, in: try JSONTree(report.json))
  }

  /// Whether the path begins with these parts.
  package func isWithin(_ first: String...) -> Bool { parts.starts(with: first) }

  /// The bare value at the path in any result; nil when this one has none.
  package func value(in tree: JSONTree) -> String? { FieldPath.leaf(parts, in: tree) }

  private static func leaf(_ parts: [String], in tree: JSONTree) -> String? {
    guard case .leaf(let value) = find(parts, in: tree) else { return nil }
    return value
  }

  /// A place in an array, in plain decimal.
  private static func index(_ part: String) -> Int? {
    part.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(part) : nil
  }

  private static func find(_ parts: [String], in tree: JSONTree) -> JSONTree? {
    var node = tree
    for part in parts {
      switch node {
      case .object(let members):
        guard let next = members[part] else { return nil }
        node = next
      case .array(let elements):
        guard let index = index(part), elements.indices.contains(index) else { return nil }
        node = elements[index]
      case .leaf, .null: return nil
      }
    }
    return node
  }
}

extension FieldPath: CustomStringConvertible {
  /// The path as it was written, escaped.
  package var description: String { text.escaped }
}
