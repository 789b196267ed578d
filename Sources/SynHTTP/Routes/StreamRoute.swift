internal import HTTPTypes
internal import Hummingbird
internal import SynCore
internal import SynEdge
internal import SynProbe
internal import SynVerdict
internal import SynVerify
internal import SynWire

/// `GET /v1/stream`: the probes of a target, or of a monitor, as they end.
struct StreamRoute: Sendable {
  let rules: CurrentRules
  let targets: TargetAdmission
  let shared: SharedSeries
  let monitors: Monitors
  let log: ServiceLog

  var route: Route {
    Route(
      path: "/v1/stream", access: .prober, operation: "stream",
      summary: "Probe a target as long as somebody reads, and tell each probe, change and verdict as it comes.",
      parameters: StreamRoute.parameters,
      answers: [
        Route.Answer(
          type: "text/event-stream", schema: ["type": "string"],
          text: "Server-Sent Events: probe, summary each second, verdict, onset, recovery, end.")
      ]
    ) { request, context in
      try await answer(request, context)
    }
  }

  private func answer(_ request: Request, _ context: ServiceContext) async throws(Problem) -> Response {
    var parameters = try RequestParameters(target: request.uri.string)
    let lastEvent = request.headers[StreamRoute.lastEventField]
    let subscription: SharedSeries.Subscription?
    if let id = parameters.take("monitor") {
      try parameters.finish(known: ["monitor"])
      subscription = try request.method == .head ? nil : monitors.monitor(id).subscribe(after: lastEvent)
    } else {
      subscription = try await subscribe(&parameters, context, lastEvent, isHead: request.method == .head)
    }
    var response = Response(status: .ok, headers: [.contentType: "text/event-stream"])
    response.headers[StreamRoute.bufferingField] = "no"
    if let subscription { response.body = body(subscription, context) }
    return response
  }

  private func subscribe(
    _ parameters: inout RequestParameters, _ context: ServiceContext, _ lastEvent: String?, isHead: Bool
  ) async throws(Problem) -> SharedSeries.Subscription? {
    let written = TargetParameter.Written(&parameters)
    var claims: [(name: String, value: String)] = []
    for name in Claim.names {
      if let value = parameters.take(name) { claims.append((name, value)) }
    }
    let wanted = try LiveRequest(&parameters, claims: claims, baseline: nil, rules.now.limits)
    try parameters.finish(known: TargetParameter.names + ["monitor"] + Claim.names + LiveRequest.settings)
    let target = try written.read()
    let endpoint = try await targets.admit(target, context).endpoint
    guard !isHead else { return nil }
    return try shared.join(
      wanted.terms(endpoint), input: target.text, window: wanted.window,
      claims: wanted.judge.map { (wanted.claimsName, $0) }, after: lastEvent,
      objection: { [targets] in targets.objection(to: endpoint) })
  }

  private func body(_ subscription: SharedSeries.Subscription, _ context: ServiceContext) -> ResponseBody {
    let address = context.notes.all.address
    return ResponseBody { [log] writer in
      let reader = subscription.reader
      let token = context.connection?.onLeave { reader.end() }
      defer { if let token { context.connection?.forget(token) } }
      while let pieces = await reader.next() {
        do { try await writer.write(pieces) } catch {
          reader.end()
          break
        }
      }
      log.say(
        "info", "stream ended", ("address", address ?? ""), ("missed", "\(reader.missed)"))
      try await writer.finish(nil)
    }
  }

  private static let lastEventField = HTTPField.Name("Last-Event-ID") ?? .expect
  private static let bufferingField = HTTPField.Name("X-Accel-Buffering") ?? .expect

  private static let parameters =
    Route.Parameter.targets + [
      Route.Parameter(
        name: "monitor", schema: ["type": "string", "minLength": 1], text: "A monitor, in place of a target."),
      .duration("interval", "Time between the starts of two probes. Default 200ms.", example: "200ms"),
      .duration("timeout", "How long an answer counts. Default 2s.", example: "2s"),
      .duration("window", "How far back claims look. Default 60s.", example: "60s"),
      .mode, .direction,
    ] + VerifySchema.claims + VerifySchema.settings(LiveRequest.conditions)
    + [
      Route.Parameter(
        name: "Last-Event-ID", place: .header, schema: ["type": "string"],
        text: "The last event that was seen: what followed it within a minute is told first.")
    ]
}

extension TargetAdmission {
  /// Why a target may not be probed any more; nil as long as it may.
  func objection(to endpoint: Endpoint) -> String? {
    permitted([endpoint.port], of: endpoint.address).isEmpty ? "\(endpoint) is denied now" : nil
  }
}
