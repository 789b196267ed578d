internal import SynVerify

/// The schemas of `synprobe.verify/1`, and of what is asked for.
enum VerifySchema {
  /// A member of the request, or a parameter of the query.
  struct Input {
    let name: String
    let schema: JSONValue
    let text: String
  }

  private static let times: JSONValue = ["type": "string", "minLength": 1, "example": "90ms..110ms"]
  private static let shares: JSONValue = ["type": "string", "minLength": 1, "example": "4%..6%"]
  private static let yes: JSONValue = ["type": "string", "enum": ["true"]]

  /// What may be claimed.
  static let claims = [
    Input(name: "rtt", schema: times, text: "The median round trip lies in this range."),
    Input(name: "rtt-p99", schema: times, text: "The 99th percentile of the round trips lies in this range."),
    Input(name: "added", schema: times, text: "The median rose by this against the baseline."),
    Input(name: "jitter", schema: times, text: "The inter-quartile range of the round trips lies in this range."),
    Input(name: "loss", schema: shares, text: "This share of probes is lost."),
    Input(name: "duplicate", schema: shares, text: "The network copies this share of answers."),
    Input(name: "corrupt", schema: shares, text: "This share of probes comes back damaged."),
    Input(name: "reorder", schema: shares, text: "This share of answers is overtaken by a later one."),
    Input(name: "partition", schema: yes, text: "There is no answer at all."),
    Input(name: "refused", schema: yes, text: "Every probe is refused by a RST."),
    Input(name: "clear", schema: yes, text: "All is as in the baseline: the fault is over."),
    Input(
      name: "where", schema: ["type": "string", "enum": ["egress", "network", "ingress"]],
      text: "The added delay, or the loss, sits there."),
  ]

  /// How it is found out.
  static let settings = [
    Input(
      name: "netem", schema: ["type": "string", "minLength": 1, "example": "delay 100ms loss 5%"],
      text: "What tc's netem was told: the claims follow from it."),
    Input(
      name: "path", schema: ["type": "string", "enum": ["egress", "peer", "both"]],
      text: "Where the fault of `netem` sits: on the egress of this host, at the peer, or both."),
    Input(
      name: "control", schema: .string(pattern: JSONValue.targetPattern, example: "192.0.2.3:8080"),
      text: "A target without the fault, measured alternately as the baseline."),
    Input(
      name: "confidence", schema: ["type": "string", "pattern": "^[0-9]{2}(\\.[0-9]{1,4})?%$", "example": "95%"],
      text: "That no verdict is wrong, for all claims together. Default 95%."),
    Input(name: "max_probes", schema: .integer(1), text: "Probes to each target at most. Default 2000, or the bound."),
    Input(name: "max_time", schema: duration("10s"), text: "How long it takes at most. Default 60s."),
    Input(name: "interval", schema: duration("20ms"), text: "Time between the starts of two probes. Default 20ms."),
    Input(
      name: "timeout", schema: duration("2s"), text: "How long an answer counts. Default 2s, or a third of `max_time`."),
    Input(
      name: "mode", schema: ["type": "string", "enum": ["auto", "syn", "connect"]], text: "How to probe. Default auto."),
  ]

  private static func duration(_ example: String) -> JSONValue {
    .string(pattern: JSONValue.durationPattern, example: example)
  }

  /// The named schemas.
  static func schemas(_ limits: ServiceLimits) -> [(String, JSONValue)] {
    [
      ("VerifyRequest", request(limits)), ("Claim", .object(of: PingSchema.fields(VerifyReport.Claim.self))),
      ("Verify", .object(of: PingSchema.fields(VerifyReport.self))),
    ]
  }

  private static func request(_ limits: ServiceLimits) -> JSONValue {
    .closedObject(required: ["target"], requestMembers(limits))
  }

  private static func requestMembers(_ limits: ServiceLimits) -> [(String, JSONValue)] {
    [
      ("target", .string(pattern: JSONValue.targetPattern, example: "192.0.2.2:8080")),
      (
        "claims",
        .closedObject(
          required: [], claims.map { ($0.name, $0.schema == yes ? ["enum": ["true", true, false]] : $0.schema) })
      ),
      ("baseline", .reference("Ping")),
    ] + settings.map { ($0.name, limits.schema(of: $0.name) ?? $0.schema) } + [("fail_status", .integer(400, 599))]
  }
}
