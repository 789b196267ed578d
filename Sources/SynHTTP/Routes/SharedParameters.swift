/// Parameters that several routes have.
extension Route.Parameter {
  /// The target, in either form.
  static let targets = [
    Route.Parameter(
      name: "target", schema: .string(pattern: JSONValue.targetPattern, example: "192.0.2.2:8080"),
      text: "The target as IP:PORT or [V6]:PORT; a name only where names are on."),
    Route.Parameter(
      name: "ip", schema: .string(pattern: JSONValue.addressPattern, example: nil),
      text: "The address of the target, together with `port` and in place of `target`."),
    Route.Parameter(name: "port", schema: .integer(1, 65_535), text: "The port of the target, together with `ip`."),
  ]

  /// How to probe.
  static let mode = Route.Parameter(
    name: "mode", schema: ["type": "string", "enum": ["auto", "syn", "connect"]],
    text: "SYN segments on a raw socket, connect(2), or the better one that is possible. Default auto.")

  /// Whether to tell the way of losses.
  static let direction = Route.Parameter(
    name: "direction", schema: ["type": "string", "enum": ["false", "true"]],
    text: "Whether to tell which way probes are lost, which takes listening some 3 s. Default false.")

  /// A duration with its unit.
  static func duration(_ name: String, _ text: String, example: String) -> Route.Parameter {
    Route.Parameter(
      name: name, schema: .string(pattern: JSONValue.durationPattern, example: example), text: text)
  }

  /// The status of an answer that has not come out so.
  static func failStatus(_ good: String) -> Route.Parameter {
    Route.Parameter(
      name: "fail_status", schema: .integer(400, 599), text: "The status of an answer that is not \(good). Default 200."
    )
  }

  /// The form of the answer.
  static func formats(example: String) -> [Route.Parameter] {
    [
      Route.Parameter(
        name: "format", schema: ["type": "string", "enum": ["json", "value"]],
        text: "The whole result, or one bare value of it. Default json."),
      Route.Parameter(
        name: "field", schema: ["type": "string", "example": .string(example)],
        text: "With format=value: the path of the value, as \(example)."),
    ]
  }
}
