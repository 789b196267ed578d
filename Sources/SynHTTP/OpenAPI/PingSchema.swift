internal import SynCore

/// The schema of `synprobe.ping/1`.
enum PingSchema {
  private static let text: JSONValue = ["type": "string", "minLength": 1]
  private static let milliseconds = JSONValue.reference("Milliseconds")
  private static let outcomes = ProbeOutcome.Kind.allCases.map(\.rawValue)

  /// The named schemas.
  static let schemas: [(String, JSONValue)] = [
    ("Count", .integer(0)),
    ("Milliseconds", ["type": "number", "minimum": 0]),
    ("Segment", .closedObject(required: ["p50", "max"], [("p50", milliseconds), ("max", milliseconds)])),
    ("Probe", probe),
    ("Ping", ping),
  ]

  private static let ping = JSONValue.closedObject(
    required: required + ["probes"], members + [("probes", ["type": "array", "items": .reference("Probe")])])

  /// A ping result without its probes.
  static let summaryOnly = JSONValue.closedObject(required: required, members)

  private static let required = [
    "schema", "target", "mode", "started_at", "duration_ms", "attempted", "outcomes", "loss", "anomalies", "timestamps",
  ]

  private static let members: [(String, JSONValue)] = [
    ("schema", ["const": "synprobe.ping/1"]), ("target", target),
    ("mode", ["type": "string", "enum": ["syn", "connect"]]), ("interface", text), ("source", text), ("paths", paths),
    ("started_at", ["type": "string", "format": "date-time"]), ("duration_ms", milliseconds),
    ("attempted", .reference("Count")), ("requested", .integer(1)), ("outcomes", .counts(outcomes)), ("loss", loss),
    ("rtt_ms", summary),
    ("segments_ms", segments), ("anomalies", anomalies), ("timestamps", timestamps),
  ]

  private static let paths: JSONValue = [
    "type": "array", "minItems": 2,
    "items": .closedObject(required: ["interface", "source"], [("interface", text), ("source", text)]),
  ]

  static let target = JSONValue.closedObject(
    required: ["input", "address", "port"],
    [("input", text), ("address", text), ("port", .integer(1, 65_535))])

  private static let loss = JSONValue.closedObject(
    required: ["egress", "network", "ingress", "unknown"],
    [("ratio", ["type": "number", "minimum": 0, "maximum": 1]), ("of", .integer(1))]
      + ["egress", "network", "ingress", "unknown"].map { ($0, .reference("Count")) })

  private static let summary = JSONValue.closedObject(
    required: ["min", "mean", "p50", "p90", "p99", "max"],
    ["min", "mean", "stddev", "p50", "p90", "p99", "max"].map { ($0, milliseconds) })

  private static let segments = JSONValue.closedObject(
    required: [], ["egress", "network", "ingress"].map { ($0, .reference("Segment")) })

  private static let anomalies = JSONValue.counts(
    [
      "duplicates", "retransmissions", "late", "reordered", "corrupt", "unmatched", "capture_drops", "clock_steps",
    ], optional: ["leftovers", "stalls"])

  private static let timestamps = JSONValue.closedObject(
    required: [],
    [
      ("queued", ["const": "kernel"]), ("sent", ["const": "kernel"]), ("received", ["const": "capture"]),
      ("delivered", ["const": "kernel"]), ("rtt", ["const": "tcp_info"]),
    ])

  private static let probe = JSONValue.closedObject(
    required: ["seq", "outcome"],
    [
      ("seq", .reference("Count")), ("at", ["type": "string", "format": "date-time"]),
      ("outcome", ["type": "string", "enum": .array(outcomes.map { .string($0) })]),
      ("where", ["type": "string", "enum": ["egress", "network", "ingress", "unknown"]]), ("rtt_ms", milliseconds),
      ("egress_ms", milliseconds), ("held_ms", milliseconds),
      ("held_by", ["type": "string", "enum": .array(Observation.Holder.allCases.map { .string($0.rawValue) })]),
      ("network_ms", milliseconds), ("ingress_ms", milliseconds),
      ("late_ms", milliseconds), ("ttl", .integer(0, 255)), ("window", .integer(0, 65_535)),
      ("mss", .integer(0, 65_535)), ("source_port", .integer(1, 65_535)), ("errno", text), ("flags", text),
      ("reason", text), ("stranger", text),
      (
        "icmp",
        .closedObject(
          required: ["type", "code", "from"],
          [("type", .integer(0, 255)), ("code", .integer(0, 255)), ("from", text)])
      ),
    ])
}
