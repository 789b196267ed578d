internal import FoundationEssentials
internal import SynCore
internal import SynProbe

/// A path into the JSON result, as `rtt_ms.p50` or `probes.0.rtt_ms`.
struct FieldPath {
  private let text: String
  private let parts: [String]

  /// - Throws: `CommandFailure` with status 64 for a path that no result has.
  init(_ text: String) throws(CommandFailure) {
    self.text = text
    parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    let anywhere = parts.map { FieldPath.index($0) == nil ? $0 : "0" }
    guard case .leaf = FieldPath.find(anywhere, in: try JSONTree(PingReport.sample)) else {
      throw CommandFailure(.usage, "--field '\(text.escaped)' is not a value of the JSON result, such as rtt_ms.p50")
    }
  }

  /// The bare value at the path.
  ///
  /// Nil when this result has none.
  func value(in report: PingReport) throws(CommandFailure) -> String? {
    guard case .leaf(let value) = FieldPath.find(parts, in: try JSONTree(report)) else { return nil }
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
      case .leaf: return nil
      }
    }
    return node
  }
}

extension FieldPath: CustomStringConvertible {
  /// The path as it was written, escaped.
  var description: String { text.escaped }
}

/// Any JSON value, its leaves as bare text.
enum JSONTree: Decodable {
  case object([String: JSONTree])
  case array([JSONTree])
  case leaf(String)

  init(_ value: some Encodable) throws(CommandFailure) {
    do {
      self = try JSONDecoder().decode(JSONTree.self, from: Data(JSONText.encode(value).utf8))
    } catch {
      throw CommandFailure(.internal, "cannot read the result back: \(error)")
    }
  }

  init(from decoder: any Decoder) throws {
    if let members = try? decoder.singleValueContainer().decode([String: JSONTree].self) {
      self = .object(members)
    } else if let elements = try? decoder.singleValueContainer().decode([JSONTree].self) {
      self = .array(elements)
    } else {
      self = .leaf(try JSONTree.leafText(decoder.singleValueContainer()))
    }
  }

  private static func leafText(_ container: any SingleValueDecodingContainer) throws -> String {
    if let number = try? container.decode(Int64.self) { return "\(number)" }
    if let number = try? container.decode(Double.self) { return "\(number)" }
    if let flag = try? container.decode(Bool.self) { return "\(flag)" }
    return try container.decode(String.self)
  }
}
