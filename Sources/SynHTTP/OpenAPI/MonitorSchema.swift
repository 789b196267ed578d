internal import SynEdge
internal import SynProbe
internal import SynVerify

/// The schemas of monitors.
enum MonitorSchema {
  /// The named schemas.
  static let schemas: [(String, JSONValue)] = [
    ("Window", .object(of: PingSchema.fields(WindowReport.self))),
    ("HistoryEntry", .object(of: PingSchema.fields(HistoryEntry.self))),
    ("Check", .object(of: PingSchema.fields(CheckReport.self))),
    ("Monitor", monitor), ("MonitorRequest", request),
    (
      "Monitors",
      .closedObject(required: ["monitors"], [("monitors", ["type": "array", "items": .reference("Monitor")])])
    ),
    (
      "History",
      .closedObject(required: ["history"], [("history", ["type": "array", "items": .reference("HistoryEntry")])])
    ),
  ]

  private static let monitor: JSONValue = {
    let text: JSONValue = ["type": "string", "minLength": 1]
    let flag: JSONValue = ["type": "boolean"]
    let members: [(String, JSONValue)] = [
      ("id", text), ("target", text), ("interval", text), ("timeout", text), ("window", text), ("mode", text),
      ("direction", flag),
      ("claims", ["type": "object", "additionalProperties": text]),
      ("created_at", ["type": "string", "format": "date-time"]), ("configured", flag), ("kept", flag),
      ("probing", flag),
    ]
    let conditions = (LiveRequest.conditions.map(\.rawValue) + ["reason"]).map { ($0, text) }
    return .closedObject(required: members.map(\.0), members + conditions)
  }()

  private static let request: JSONValue = {
    let duration = { (example: String) in JSONValue.string(pattern: JSONValue.durationPattern, example: example) }
    let claims = VerifySchema.claimMembers
    let conditions = VerifySchema.settings(LiveRequest.conditions) + [.mode]
    return .closedObject(
      required: ["target"],
      [
        ("target", .string(pattern: JSONValue.targetPattern, example: "192.0.2.2:8080")),
        ("interval", duration("200ms")), ("timeout", duration("2s")), ("window", duration("60s")),
        ("direction", ["enum": ["true", "false", true, false]]),
        ("claims", .closedObject(required: [], claims)), ("baseline", .reference("Ping")),
      ] + conditions.map { ($0.name, $0.schema) })
  }()
}
