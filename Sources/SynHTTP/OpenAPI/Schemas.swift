/// JSON Schema (2020-12), as OpenAPI 3.1 embeds it.
extension JSONValue {
  static let targetPattern =
    "^([0-9]{1,3}(\\.[0-9]{1,3}){3}|\\[[0-9A-Fa-f:.]{2,45}\\]|[A-Za-z0-9_]([A-Za-z0-9_.-]{0,250}[A-Za-z0-9_])?):[1-9][0-9]{0,4}$"
  static let addressPattern = "^([0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9A-Fa-f:.]{2,45})$"
  static let durationPattern = "^[0-9]{1,6}(\\.[0-9]{1,3})?(us|ms|s|m)$"

  /// A schema of this document.
  static func reference(_ name: String) -> JSONValue { ["$ref": .string("#/components/schemas/\(name)")] }

  /// A text that a pattern describes.
  static func string(pattern: String, example: String?) -> JSONValue {
    var members = [Member(name: "type", value: "string"), Member(name: "pattern", value: .string(pattern))]
    if let example { members.append(Member(name: "example", value: .string(example))) }
    return .object(members)
  }

  /// A whole number in a range.
  static func integer(_ minimum: Int, _ maximum: Int? = nil) -> JSONValue {
    var members = [Member(name: "type", value: "integer"), Member(name: "minimum", value: .number(Double(minimum)))]
    if let maximum { members.append(Member(name: "maximum", value: .number(Double(maximum)))) }
    return .object(members)
  }

  /// An object of which nothing else may be a member.
  static func closedObject(required: [String], _ properties: [(String, JSONValue)]) -> JSONValue {
    [
      "type": "object", "additionalProperties": false, "required": .array(required.map { .string($0) }),
      "properties": .object(properties.map { Member(name: $0.0, value: $0.1) }),
    ]
  }
}
