internal import Hummingbird
internal import SynEdge

/// The paths by which others see whether the service is there.
struct HealthRoutes: Sendable {
  let slots: ProbeSlots

  var routes: [Route] {
    [
      route("/livez", "livez", "Whether the service runs.") { Response("ok\n", type: HealthRoutes.type) },
      route("/readyz", "readyz", "Whether the service takes requests.") {
        if slots.isEnding { throw Problem(.shuttingDown, "the service is ending", retryAfter: .seconds(1)) }
        return Response("ok\n", type: HealthRoutes.type)
      },
      route("/-/healthy", "healthy", "The same as /livez, under the name that Prometheus' exporters have for it.") {
        Response("Healthy\n", type: HealthRoutes.type)
      },
    ]
  }

  private static let type = "text/plain; charset=utf-8"

  private func route(
    _ path: String, _ operation: String, _ summary: String, _ answer: @escaping @Sendable () throws -> Response
  ) -> Route {
    Route(
      path: path, access: .anyone, operation: operation, summary: summary,
      answers: [Route.Answer(type: "text/plain", schema: ["type": "string"], text: "It does.")]
    ) { request, _ in
      var query = try RequestParameters(target: request.uri.string)
      // Kubernetes' own probes ask for /readyz?verbose.
      _ = query.take("verbose")
      try query.finish(known: ["verbose"])
      return try answer()
    }
  }
}
