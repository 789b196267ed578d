internal import HTTPTypes
internal import Hummingbird

/// All routes of the service.
struct RouteTable: Sendable {
  let routes: [Route]

  /// The routes over one state.
  init(_ state: ServiceState) {
    let answering = [
      PingRoute(state: state).route,
      ProbeRoute(state: state).route,
      MetricsRoute(state: state).route,
      ProblemRoute.route,
    ]
    let all = answering + VerifyRoute(state: state).routes + HealthRoutes(state: state).routes
    routes = all + [OpenAPIRoute.route(describing: all, state)]
  }

  /// The methods of the route that a path would lead to; none for a path that leads nowhere.
  func methods(of path: String) -> [String] {
    let parts = path.split(separator: "/")
    let found = routes.filter { RouteTable.matches($0.path.split(separator: "/"), parts) }
    return Set(found.flatMap { $0.method == .get ? ["GET", "HEAD"] : [$0.method.rawValue] }).sorted()
  }

  private static func matches(_ pattern: [Substring], _ parts: [Substring]) -> Bool {
    guard pattern.count == parts.count else { return false }
    return zip(pattern, parts).allSatisfy { $0 == $1 || $0.hasPrefix("{") }
  }

  /// The router: each route behind its admission, all of them behind the log.
  func router(_ state: ServiceState) -> Router<ServiceContext> {
    let router = Router(context: ServiceContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: RequestLog(state: state, routes: self))
    let admission = Admission(state: state)
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
