internal import SynCore
internal import SynSystem
internal import SynWire

/// Routes that were asked for a moment ago: many series to one target do not each ask the kernel.
///
/// A moment only, so that whoever changes a route and then probes sees the new one.
struct RouteCache: ~Copyable {
  private static let lifetime = Duration.milliseconds(50)
  private static let most = 1024

  var finder = RouteFinder()
  private var routes: [Key: (route: Route, expires: MonotonicInstant)] = [:]
  private var portRules: [IPAddress.Family: (asksPorts: Bool, expires: MonotonicInstant)] = [:]

  /// Ports are 0 where routes do not depend on them.
  private struct Key: Hashable {
    let target: Endpoint
    let sourcePort: UInt16
  }

  /// The way of a connection to `target` from `port`.
  /// - Throws: `SystemError`; a failure is not kept.
  mutating func route(
    to target: Endpoint, from port: UInt16, _ options: ProberConfiguration, at now: MonotonicInstant
  ) throws(SystemError) -> Route {
    let asksPorts = asksPorts(target.address.family, at: now)
    let key = key(target, port, asksPorts)
    if let known = routes[key], now < known.expires { return known.route }
    let route = try finder.route(to: target, from: port, options, asksPorts: asksPorts)
    if routes.count >= RouteCache.most { routes.removeAll(keepingCapacity: true) }
    routes[key] = (route, now.advanced(by: RouteCache.lifetime))
    return route
  }

  /// Whether each source port may have a route of its own.
  mutating func asksPorts(_ family: IPAddress.Family, at now: MonotonicInstant) -> Bool {
    if let known = portRules[family], now < known.expires { return known.asksPorts }
    let asksPorts = finder.asksPorts(family)
    portRules[family] = (asksPorts, now.advanced(by: RouteCache.lifetime))
    return asksPorts
  }

  /// Asks anew from now on: something that was sent by a route failed.
  mutating func forget(_ target: Endpoint) {
    routes.removeValue(forKey: key(target, 0, false))
    portRules.removeAll()
  }

  /// Forgets every route.
  mutating func clear() {
    routes = [:]
  }

  private func key(_ target: Endpoint, _ port: UInt16, _ asksPorts: Bool) -> Key {
    asksPorts
      ? Key(target: target, sourcePort: port)
      : Key(target: Endpoint(address: target.address, port: 0), sourcePort: 0)
  }
}
