extension YAMLNode {
  /// The value of a key; nil where there is none, where it holds nothing, and in what is no mapping.
  package subscript(_ key: String) -> YAMLNode? {
    guard case .mapping(let members) = content else { return nil }
    return members.first { $0.key == key }.map(\.value).flatMap { $0.isNull ? nil : $0 }
  }

  /// The text of a scalar.
  package var text: String? {
    guard case .scalar(let text, _) = content else { return nil }
    return text
  }

  /// The elements of a sequence.
  package var elements: [YAMLNode]? {
    guard case .sequence(let elements) = content else { return nil }
    return elements
  }
}
