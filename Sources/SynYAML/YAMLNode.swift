/// A node of a YAML document, with its place.
package struct YAMLNode {
  /// What the node holds.
  package enum Content {
    /// A text; plain ones, without quotes, may stand for nothing at all.
    case scalar(String, isPlain: Bool)
    case sequence([YAMLNode])
    /// The members in their order; no key is there twice.
    case mapping([Member])
  }

  /// A key, which is a text, and its value.
  package struct Member {
    package let key: String
    package let value: YAMLNode
  }

  package let content: Content
  /// Where it begins.
  package let mark: YAMLMark

  /// Whether it is `~`, `null`, or nothing.
  package var isNull: Bool {
    guard case .scalar(let text, isPlain: true) = content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }
}

/// A place in a file, counted from 1.
package struct YAMLMark: Hashable, Sendable, CustomStringConvertible {
  package let line: Int
  package let column: Int

  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  package var description: String { "\(line):\(column)" }
}

/// Why a text is no document that is read here.
package struct YAMLError: Error {
  package let mark: YAMLMark?
  package let problem: String
}
