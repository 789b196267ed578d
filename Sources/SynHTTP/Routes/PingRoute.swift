internal import Hummingbird
internal import SynCore
internal import SynEdge
internal import SynProbe

/// `GET /v1/ping`: the latency of one target.
struct PingRoute: Sendable {
  let rules: CurrentRules
  let targets: TargetAdmission
  let run: SeriesRun

  var route: Route {
    Route(
      path: "/v1/ping", access: .prober, operation: "ping",
      summary: "Probe a target with TCP SYN segments and answer with its latency.",
      parameters: PingRoute.parameters,
      answers: [
        Route.Answer(
          type: "application/json", schema: .reference("Ping"), text: "The measurement, whatever came of it."),
        Route.Answer(type: "text/plain", schema: ["type": "string"], text: "With format=value: one bare value."),
      ]
    ) { request, context in
      try await answer(request, context)
    }
  }

  private func answer(_ request: Request, _ context: ServiceContext) async throws(Problem) -> Response {
    let limits = rules.now.limits
    let query = try PingQuery(RequestParameters(target: request.uri.string), limits)
    _ = try run.probers.prober(query.series.mode)
    let admitted = try await targets.admit(query.target, context)
    let outcome = try await run.measure(
      admitted.endpoint, as: query.target.target.input, query.series, context)
    let report = outcome.measurement.report(ended: outcome.ended, includesProbes: true)
    return try query.format.answer(
      report,
      without: "of \(outcome.measurement.statistics.attempted) probes to \(outcome.measurement.target)"
        + " \(outcome.measurement.statistics.words)")
  }

  private static let parameters =
    Route.Parameter.targets + [
      Route.Parameter(name: "count", schema: .integer(1), text: "How many probes. Default 5."),
      .duration("interval", "Time between the starts of two probes. Default 200ms.", example: "200ms"),
      .duration("timeout", "How long an answer counts. Default 2s.", example: "2s"),
      .mode,
      .direction,
    ] + Route.Parameter.formats(example: "rtt_ms.p50")
}
