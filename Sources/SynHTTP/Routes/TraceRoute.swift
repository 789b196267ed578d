internal import Hummingbird
internal import SynCore
internal import SynEdge
internal import SynProbe
internal import SynSystem
internal import SynWire

/// `GET /v1/trace`: which way SYNs go to a target.
struct TraceRoute: Sendable {
  let rules: CurrentRules
  let targets: TargetAdmission
  let probers: Probers
  let leases: Leases

  var route: Route {
    Route(
      path: "/v1/trace", access: .prober, operation: "trace",
      summary: "Find the hops on the way to a target by TCP SYN segments of all hop limits.",
      parameters: TraceRoute.parameters,
      answers: [
        Route.Answer(type: "application/json", schema: .reference("Trace"), text: "The hops, whatever answered."),
        Route.Answer(type: "text/plain", schema: ["type": "string"], text: "With format=value: one bare value."),
      ]
    ) { request, context in
      try await answer(request, context)
    }
  }

  private func answer(_ request: Request, _ context: ServiceContext) async throws(Problem) -> Response {
    let query = try TraceQuery(RequestParameters(target: request.uri.string), rules.now.limits)
    let prober = try probers.raw("a trace")
    let endpoint = try await targets.admit(query.target, context).endpoint
    let lease = ProbeLease(leases: leases, context: context)
    let measurement = try await lease.gather(
      [TraceMeasurement.series(to: endpoint, query.plan, timeout: query.timeout)],
      into: TraceMeasurement(input: query.target.target.input, target: endpoint, query.plan), prober
    ) { _ in query.plan.mostProbes }
    let report = measurement.report(ended: SystemClock.now())
    if let failure = measurement.failure { throw Problem(.probingFailed, "\(failure)", retryAfter: .seconds(1)) }
    // Beyond the target some are in flight at the end of every trace.
    try lease.check(isWhole: measurement.cancelled == 0)
    context.notes.note { $0.outcome = report.reached ? "reached" : "not reached" }
    return try query.format.answer(report, without: "the trace found no such hop, or no time of it")
  }

  private static let parameters =
    Route.Parameter.targets + [
      Route.Parameter(
        name: "queries", schema: .integer(1, TracePlan.mostQueries), text: "SYNs for each hop and path. Default 3."),
      Route.Parameter(name: "max_hops", schema: .integer(1, 255), text: "The greatest hop limit. Default 30."),
      Route.Parameter(
        name: "paths", schema: .integer(1, TracePlan.mostPaths),
        text: "Source ports, each of which routers may send another way. Default 1."),
      .duration("timeout", "How long an answer counts. Default 1s.", example: "1s"),
    ] + Route.Parameter.formats(example: TraceQuery.field)
}
