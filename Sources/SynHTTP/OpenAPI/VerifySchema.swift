internal import SynEdge
internal import SynVerdict
internal import SynVerify

/// The schemas of `synprobe.verify/1`, and of what is asked for.
enum VerifySchema {
  private static let times: JSONValue = ["type": "string", "minLength": 1, "example": "90ms..110ms"]
  private static let shares: JSONValue = ["type": "string", "minLength": 1, "example": "4%..6%"]
  private static let rates: JSONValue = ["type": "string", "minLength": 1, "example": "9mbit..11mbit"]
  private static let yes: JSONValue = ["type": "string", "enum": ["true"]]

  /// What may be claimed, as parameters of the query.
  static let claims = ClaimWord.all.map { Route.Parameter(name: $0.name, schema: schema(of: $0.value), text: $0.help) }

  /// The same as members of a JSON object.
  static let claimMembers = claims.map { ($0.name, $0.schema == yes ? ["enum": ["true", true, false]] : $0.schema) }

  private static func schema(of value: ClaimWord.Value) -> JSONValue {
    switch value {
    case .times: times
    case .shares: shares
    case .rates: rates
    case .nothing: yes
    case .place: ["type": "string", "enum": .array(FaultPlace.allCases.map { .string($0.rawValue) })]
    }
  }

  /// How it is found out.
  static let settings = settings(VerifySetting.allCases) + [.mode]

  /// Some of the settings, as parameters of the query.
  static func settings(_ settings: [VerifySetting]) -> [Route.Parameter] {
    settings.map { setting in
      Route.Parameter(
        name: setting.rawValue, schema: schema(of: setting),
        text: setting.help
          + (setting.usual.map { " Default \($0)\(isBounded(setting) ? ", or the bound" : "")." } ?? ""))
    }
  }

  /// Whether the configuration may allow less than what is usual.
  private static func isBounded(_ setting: VerifySetting) -> Bool {
    [.mostProbes, .longest, .interval].contains(setting)
  }

  private static func schema(of setting: VerifySetting) -> JSONValue {
    switch setting {
    case .netem: ["type": "string", "minLength": 1, "example": "delay 100ms loss 5%"]
    case .path: ["type": "string", "enum": .array(FaultPath.allCases.map { .string($0.rawValue) })]
    case .control: .string(pattern: JSONValue.targetPattern, example: "192.0.2.3:8080")
    case .confidence: ["type": "string", "pattern": "^[0-9]{2}(\\.[0-9]{1,4})?%$", "example": "95%"]
    case .mostProbes: .integer(1)
    case .longest: duration("10s")
    case .interval: duration("20ms")
    case .timeout: duration("2s")
    case .sibling: .integer(1, 65_535)
    }
  }

  private static func duration(_ example: String) -> JSONValue {
    .string(pattern: JSONValue.durationPattern, example: example)
  }

  /// The named schemas.
  static func schemas(_ limits: ServiceLimits) -> [(String, JSONValue)] {
    [
      ("VerifyRequest", request(limits)), ("Claim", .object(of: PingSchema.fields(VerifyReport.Claim.self))),
      ("Amount", .object(of: PingSchema.fields(VerifyReport.Added.Amount.self))),
      ("Added", .object(of: PingSchema.fields(VerifyReport.Added.self))),
      ("Rate", .object(of: PingSchema.fields(VerifyReport.Rates.Rate.self))),
      ("Rates", .object(of: PingSchema.fields(VerifyReport.Rates.self))),
      ("Verify", .object(of: PingSchema.fields(VerifyReport.self))), ("IdentifyRequest", identifyRequest(limits)),
      ("NetemParameter", .object(of: PingSchema.fields(IdentifyReport.Parameter.self))),
      ("NetemLine", .object(of: PingSchema.fields(IdentifyReport.Line.self))),
      ("Identify", .object(of: PingSchema.fields(IdentifyReport.self))),
    ]
  }

  private static func request(_ limits: ServiceLimits) -> JSONValue {
    .closedObject(required: ["target"], requestMembers(limits))
  }

  private static func identifyRequest(_ limits: ServiceLimits) -> JSONValue {
    let own = IdentifyTerms.settings.map(\.rawValue) + [Route.Parameter.mode.name]
    return .closedObject(
      required: ["target", "baseline"],
      requestMembers(limits).filter { ["target", "baseline", "fail_status"].contains($0.0) || own.contains($0.0) }
        .map {
          $0.0 == "max_probes"
            ? ($0.0, .integer(min(IdentifyTerms.fewestProbes, limits.verificationCount), limits.verificationCount)) : $0
        })
  }

  private static func requestMembers(_ limits: ServiceLimits) -> [(String, JSONValue)] {
    [
      ("target", .string(pattern: JSONValue.targetPattern, example: "192.0.2.2:8080")),
      (
        "claims",
        .closedObject(
          required: [], claimMembers)
      ),
      ("baseline", .reference("Ping")),
    ] + settings.map { ($0.name, limits.schema(of: $0.name) ?? $0.schema) } + [("fail_status", .integer(400, 599))]
  }
}
