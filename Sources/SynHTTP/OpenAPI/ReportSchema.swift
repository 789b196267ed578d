internal import SynProbe

/// The schema of a result, from the table of its members.
extension JSONValue {
  /// A form as JSON Schema says it; objects that have a name are referred to.
  init(_ form: ReportForm) {
    switch form {
    case .text: self = ["type": "string", "minLength": 1]
    case .date: self = ["type": "string", "format": "date-time"]
    case .milliseconds: self = .reference("Milliseconds")
    case .share: self = ["type": "number", "minimum": 0, "maximum": 1]
    case .number: self = ["type": "number"]
    case .flag: self = ["type": "boolean"]
    case .count: self = .reference("Count")
    case .integer(let least, let most): self = .integer(least, most)
    case .oneOf(let words):
      self =
        words.count == 1 ? ["const": .string(words[0])] : ["type": "string", "enum": .array(words.map { .string($0) })]
    case .list(let element, let least):
      self =
        least == 0
        ? ["type": "array", "items": JSONValue(element)]
        : ["type": "array", "minItems": JSONValue(integerLiteral: least), "items": JSONValue(element)]
    case .range(let element): self = ["type": "array", "items": JSONValue(element), "minItems": 2, "maxItems": 2]
    case .object(let name?, _): self = .reference(name)
    case .object(nil, let fields): self = .object(of: fields)
    }
  }

  /// An object of exactly these members.
  static func object(of fields: [ReportField]) -> JSONValue {
    .closedObject(
      required: fields.filter(\.isRequired).map(\.name), fields.map { ($0.name, JSONValue($0.form)) })
  }
}
