internal import FoundationEssentials

/// Any JSON value, its leaves as bare text.
package enum JSONTree: Decodable {
  case object([String: JSONTree])
  case array([JSONTree])
  case leaf(String)
  case null

  /// No result and no request is nested deeper.
  private static let deepest = 16

  /// Whether a text is not nested too deeply to be read.
  package static func isShallow(_ text: String) -> Bool { depth(of: text) <= deepest }

  /// How deep brackets nest, outside of texts.
  private static func depth(of text: String) -> Int {
    var (depth, most) = (0, 0)
    forEachMark(of: Array(text.utf8)) { mark, _ in
      switch mark {
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        depth += 1
        most = max(most, depth)
      case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      default: break
      }
      return true
    }
    return most
  }

  /// A failed try costs: what there is most of is tried first.
  package init(from decoder: any Decoder) throws {
    let single = try decoder.singleValueContainer()
    if single.decodeNil() {
      self = .null
    } else if let text = try? single.decode(String.self) {
      self = .leaf(text)
    } else if let members = try? decoder.singleValueContainer().decode([String: JSONTree].self) {
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
