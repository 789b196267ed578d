internal import HTTPTypes
internal import Hummingbird
internal import SynEdge

/// All routes of the service.
struct RouteTable: Sendable {
  let routes: [Route]

  /// The routes of a service that is made of these parts.
  init(_ parts: ServiceParts) {
    let (rules, targets, slots) = (parts.rules, parts.targets, parts.leases.slots)
    let series = SeriesRun(probers: parts.probers, leases: parts.leases)
    let verification = VerificationRun(probers: parts.probers, leases: parts.leases)
    let answering = [
      PingRoute(rules: rules, targets: targets, run: series).route,
      ProbeRoute(rules: rules, targets: targets, run: series).route,
      TraceRoute(rules: rules, targets: targets, probers: parts.probers, leases: parts.leases).route,
      MetricsRoute(
        metrics: parts.metrics, probers: parts.probers, connections: parts.connections, slots: slots,
        streams: parts.streams.counters, monitors: parts.monitors, version: parts.version
      ).route,
      ProblemRoute.route,
      IdentifyRoute(rules: rules, targets: targets, run: verification).route,
    ]
    let all =
      answering + VerifyRoute(rules: rules, targets: targets, run: verification).routes
      + HealthRoutes(slots: slots).routes
      + PageRoutes.routes + MonitorRoutes(rules: rules, monitors: parts.monitors).routes
      + [
        StreamRoute(rules: rules, targets: targets, shared: parts.streams, monitors: parts.monitors, log: parts.log)
          .route
      ]
    routes = all + [OpenAPIRoute.route(describing: all, rules, version: parts.version)]
  }

  /// The methods of the route that a path would lead to; none for a path that leads nowhere.
  func methods(of path: String) -> [String] {
    let parts = path.split(separator: "/")
    let found = routes.filter { RouteTable.matches($0.path.split(separator: "/"), parts) }
    return Set(found.flatMap { $0.method == .get ? ["GET", "HEAD"] : [$0.method.rawValue] }).sorted()
  }

  /// The paths that take a POST alone.
  var postOnly: Set<String> {
    Set(routes.map(\.path)).subtracting(routes.filter { $0.method != .post }.map(\.path))
  }

  private static func matches(_ pattern: [Substring], _ parts: [Substring]) -> Bool {
    guard pattern.count == parts.count else { return false }
    return zip(pattern, parts).allSatisfy { $0 == $1 || $0.hasPrefix("{") }
  }

  /// The router: each route behind its admission, all of them behind the log.
  func router(_ parts: ServiceParts) -> Router<ServiceContext> {
    let router = Router(context: ServiceContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: RequestLog(rules: parts.rules, metrics: parts.metrics, log: parts.log, routes: self))
    let admission = parts.admission
    for route in routes {
      router.on(RouterPath(route.path), method: route.method) { request, context in
        context.notes.note { $0.route = route.path }
        try admission.check(request, context, route.access)
        return try await route.handler(request, context)
      }
    }
    return router
  }
}
