internal import SynCore
internal import SynEdge
internal import SynProbe
internal import SynVerify

/// What a monitor probes, how, and what is claimed of it.
struct MonitorDefinition: Sendable {
  let target: TargetParameter
  let wanted: LiveRequest
  /// The JSON object that says all of it.
  let body: String

  /// Reads the JSON object of a request, or one that was kept.
  /// - Throws: `Problem` naming the member that is wrong.
  init(_ body: String, _ limits: ServiceLimits) throws(Problem) {
    let members = try VerifyBody(body, "")
    try self.init(members.parameters, claims: members.claims, baseline: members.baseline, body: body, limits)
  }

  /// Takes the members one by one.
  init(
    _ parameters: RequestParameters, claims: [(name: String, value: String)], baseline: PingReport? = nil, body: String,
    _ limits: ServiceLimits
  ) throws(Problem) {
    var parameters = parameters
    let written = TargetParameter.Written(&parameters)
    wanted = try LiveRequest(&parameters, claims: claims, baseline: baseline, limits)
    try parameters.finish(known: TargetParameter.names + LiveRequest.settings + ["claims", "baseline"])
    target = try written.read()
    self.body = body
  }
}

extension MonitorDefinition: Equatable {
  /// Whether both say the same, what the limits of the service made of it too.
  static func == (one: Self, other: Self) -> Bool {
    let (a, b) = (one.wanted, other.wanted)
    return one.body == other.body && (a.interval, a.timeout, a.window) == (b.interval, b.timeout, b.window)
  }
}
