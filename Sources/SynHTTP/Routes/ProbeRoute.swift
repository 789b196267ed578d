internal import HTTPTypes
internal import Hummingbird
internal import SynCore
internal import SynEdge
internal import SynProbe
internal import SynSystem

/// `GET /probe`: Prometheus' multi-target convention, as blackbox_exporter has it.
struct ProbeRoute: Sendable {
  private static let defaultModule = "tcp_syn"
  private static let scrapeTimeout = HTTPField.Name(ScrapeTimeout.header) ?? .expect
  let rules: CurrentRules
  let targets: TargetAdmission
  let run: SeriesRun

  var route: Route {
    Route(
      path: "/probe", access: .prober, operation: "probe",
      summary: "Probe a target and answer with metrics; a probe that fails is an answer, with probe_success 0.",
      parameters: [
        Route.Parameter(
          name: "target", isRequired: true,
          schema: .string(pattern: JSONValue.targetPattern, example: "192.0.2.2:8080"), text: "As for /v1/ping."),
        Route.Parameter(
          name: "module", schema: ["type": "string", "example": "tcp_connect"],
          text: "How to probe: tcp_syn (the default), tcp_connect, or a module of the configuration."),
        Route.Parameter(
          name: "debug", schema: ["type": "string", "enum": ["true", "false"]],
          text: "Answer with the log of the probe, the metrics and the module."),
        Route.Parameter(
          name: ScrapeTimeout.header, place: .header, schema: ["type": "number", "exclusiveMinimum": 0],
          text: "How long the scraper waits, seconds."),
      ],
      answers: Route.Answer.expositions
    ) { request, context in
      try await answer(request, context)
    }
  }

  private func answer(_ request: Request, _ context: ServiceContext) async throws(Problem) -> Response {
    let began = SystemClock.now()
    let query = try ProbeQuery(RequestParameters(target: request.uri.string))
    let timeout = try request.headers[ProbeRoute.scrapeTimeout].map { text throws(Problem) in try ScrapeTimeout(text) }
    let rules = rules.now
    let name = query.module ?? ProbeRoute.defaultModule
    guard let module = rules.configuration.modules[name] else {
      let known = rules.configuration.modules.keys.sorted().joined(separator: ", ")
      throw Problem.bad("module", "Unknown module \"\(name.escaped)\"; the modules are \(known)")
    }
    var answer = ProbeAnswer(target: query.target, moduleName: name, module: module)
    var series = module
    do throws(Problem) {
      let admitted = try await targets.admit(
        query.target, "target", context, within: timeout?.budget)
      answer.resolving = admitted.resolving
      if let timeout {
        series = timeout.fit(
          series, shortest: rules.configuration.limits.interval, after: SystemClock.now().since(began))
      }
      answer.outcome = try await run.measure(
        admitted.endpoint, as: query.target.input, series, context)
    } catch  where error.kind == .nameNotResolved {
      answer.failure = error.detail
      answer.resolving = SystemClock.now().since(began)
    }
    answer.duration = SystemClock.now().since(began)
    answer.series = series
    if query.isDebug { return Response(answer.debugText, type: "text/plain; charset=utf-8") }
    return Response(exposing: answer.families, to: request)
  }
}

/// A checked query of `/probe`.
struct ProbeQuery {
  static let parameters = ["target", "module", "debug"]

  let target: Target
  let module: String?
  let isDebug: Bool

  init(_ query: RequestParameters) throws(Problem) {
    var query = query
    let text = query.take("target")
    module = query.take("module")
    switch query.take("debug") {
    case nil, "false": isDebug = false
    case "true": isDebug = true
    case let other?: throw Problem.bad("debug", "'\(other.escaped)' is neither true nor false")
    }
    try query.finish(known: ProbeQuery.parameters)
    target = try TargetParameter.parse(target: text)
  }
}
