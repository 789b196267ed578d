/// A node of a YAML document, with its place.
struct YAMLNode {
  /// What the node holds.
  enum Content {
    /// A text; plain ones, without quotes, may stand for nothing at all.
    case scalar(String, isPlain: Bool)
    case sequence([YAMLNode])
    /// The members in their order; no key is there twice.
    case mapping([Member])
  }

  /// A key, which is a text, and its value.
  struct Member {
    let key: String
    let value: YAMLNode
  }

  let content: Content
  /// Where it begins.
  let mark: YAMLMark

  /// Whether it is `~`, `null`, or nothing.
  var isNull: Bool {
    guard case .scalar(let text, isPlain: true) = content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }
}

/// A place in a file, counted from 1.
struct YAMLMark: Hashable, Sendable, CustomStringConvertible {
  let line: Int
  let column: Int

  var description: String { "\(line):\(column)" }
}

/// Why a text is no document that is read here.
struct YAMLError: Error {
  let mark: YAMLMark?
  let problem: String
}
