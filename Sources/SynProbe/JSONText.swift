internal import FoundationEssentials

/// Values as JSON text.
///
/// Keys are sorted, so that two results of one kind differ only where their values do.
package enum JSONText {
  /// A value that JSON cannot hold: a fault of the program.
  package struct Failure: Error, CustomStringConvertible {
    package let description: String
  }

  /// A text as a JSON string with its quotation marks (RFC 8259 section 7).
  package static func quoted(_ text: String) -> String {
    var bytes: [UInt8] = []
    quote(text, into: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// By octets: a quotation mark with an accent on it is another character, and still ends the string.
  static func quote(_ text: String, into bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case 0x00..<0x20: bytes.append(contentsOf: "\\u00\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16))".utf8)
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// The text, on one line.
  package static func encode(_ value: some Encodable) throws(Failure) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return String(decoding: try encoder.encode(value), as: UTF8.self)
    } catch {
      throw Failure(description: "cannot encode the result: \(error)")
    }
  }
}

/// Any JSON value, its leaves as bare text.
package enum JSONTree: Decodable {
  case object([String: JSONTree])
  case array([JSONTree])
  case leaf(String)
  case null

  /// No result and no request is nested deeper.
  private static let deepest = 16

  /// The tree of a text.
  /// - Throws: `JSONText.Failure` for what is no JSON, or nested too deeply to be worth the time.
  package init(_ text: String) throws(JSONText.Failure) {
    guard JSONTree.depth(of: text) <= JSONTree.deepest else {
      throw JSONText.Failure(description: "nested more than \(JSONTree.deepest) deep")
    }
    do {
      self = try JSONDecoder().decode(JSONTree.self, from: Data(text.utf8))
    } catch {
      throw JSONText.Failure(description: "not JSON: \(error)")
    }
  }

  /// How deep brackets nest, outside of texts.
  package static func depth(of text: String) -> Int {
    var (depth, most, isText, isEscaped) = (0, 0, false, false)
    for byte in text.utf8 {
      if isEscaped {
        isEscaped = false
      } else if isText {
        if byte == UInt8(ascii: "\\") { isEscaped = true } else if byte == UInt8(ascii: "\"") { isText = false }
      } else {
        switch byte {
        case UInt8(ascii: "\""): isText = true
        case UInt8(ascii: "["), UInt8(ascii: "{"):
          depth += 1
          most = max(most, depth)
        case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
        default: break
        }
      }
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
