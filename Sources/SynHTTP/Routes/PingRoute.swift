internal import Hummingbird
internal import SynCore
internal import SynProbe

/// `GET /v1/ping`: the latency of one target.
struct PingRoute: Sendable {
  let state: ServiceState

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
    let limits = state.rules.configuration.limits
    let query = try PingQuery(QueryString(target: request.uri.string), limits)
    _ = try state.probers.prober(query.series.mode)
    let admitted = try await TargetAdmission(state: state).admit(query.target, query.targetParameter, context)
    let outcome = try await SeriesRun(state: state).measure(
      admitted.endpoint, as: query.target.input, query.series, context)
    let report = outcome.measurement.report(ended: outcome.ended, includesProbes: true)
    switch query.format {
    case .json:
      return Response(report.json, type: "application/json")
    case .value(let field):
      let value: String?
      do throws(JSONText.Failure) { value = try field.value(in: report) } catch { throw Problem(.internal, "\(error)") }
      guard let value else { throw noValue(field, outcome.measurement) }
      return Response(value + "\n", type: "text/plain; charset=utf-8")
    }
  }

  private func noValue(_ field: FieldPath, _ measurement: Measurement) -> Problem {
    Problem(
      .noValue,
      "the result has no \(field): of \(measurement.statistics.attempted) probes to \(measurement.target)"
        + " \(measurement.statistics.words)", parameter: "field")
  }

  private static let parameters = [
    Route.Parameter(
      name: "target", schema: .string(pattern: JSONValue.targetPattern, example: "192.0.2.2:8080"),
      text: "The target as IP:PORT or [V6]:PORT; a name only where names are on."),
    Route.Parameter(
      name: "ip", schema: .string(pattern: JSONValue.addressPattern, example: nil),
      text: "The address of the target, together with `port` and in place of `target`."),
    Route.Parameter(name: "port", schema: .integer(1, 65_535), text: "The port of the target, together with `ip`."),
    Route.Parameter(name: "count", schema: .integer(1, 1000), text: "How many probes. Default 5."),
    Route.Parameter(
      name: "interval", schema: .string(pattern: JSONValue.durationPattern, example: "200ms"),
      text: "Time between the starts of two probes. Default 200ms."),
    Route.Parameter(
      name: "timeout", schema: .string(pattern: JSONValue.durationPattern, example: "2s"),
      text: "How long an answer counts. Default 2s."),
    Route.Parameter(
      name: "mode", schema: ["type": "string", "enum": ["auto", "syn", "connect"]],
      text: "SYN segments on a raw socket, connect(2), or the better one that is possible. Default auto."),
    Route.Parameter(
      name: "format", schema: ["type": "string", "enum": ["json", "value"]],
      text: "The whole result, or one bare value of it. Default json."),
    Route.Parameter(
      name: "field", schema: ["type": "string", "example": "rtt_ms.p50"],
      text: "With format=value: the path of the value, as rtt_ms.p50 or outcomes.open."),
  ]
}
