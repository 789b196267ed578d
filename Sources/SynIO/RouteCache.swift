internal import SynCore
internal import SynWire

/// Routes that were asked for a moment ago: many series to one target do not each ask the kernel.
///
/// A moment only, so that whoever changes a route and then probes sees the new one.
struct RouteCache {
  private static let lifetime = Duration.milliseconds(50)
  private static let most = 1024

  private var routes: [IPAddress: (route: Route, expires: MonotonicInstant)] = [:]

  /// The route to `target`.
  /// - Throws: `SynIOError`; a failure is not kept.
  mutating func route(
    to target: IPAddress, _ options: RawSocketOptions, at now: MonotonicInstant
  ) throws(SynIOError) -> Route {
    if let known = routes[target], now < known.expires { return known.route }
    let route = try RouteLookup.route(to: target, options)
    if routes.count >= RouteCache.most { routes.removeAll(keepingCapacity: true) }
    routes[target] = (route, now.advanced(by: RouteCache.lifetime))
    return route
  }

  /// Asks anew from now on: something that was sent by a route failed.
  mutating func forget(_ target: IPAddress) {
    routes.removeValue(forKey: target)
  }
}
