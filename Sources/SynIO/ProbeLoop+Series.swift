internal import SynCore
internal import SynWire

extension ProbeLoop {
  mutating func start(_ id: SeriesID, _ plan: SeriesPlan, _ handler: @escaping @Sendable (SeriesEvent) -> Void) {
    let route = try? RouteLookup.route(to: plan.target.address, options)
    do throws(SynIOError) {
      if let route { try arm(route) }
    } catch {
      handler(.failed(error))
      return handler(.ended)
    }
    series[id] = ActiveSeries(id: id, plan: plan, route: route, at: SystemClock.now(), handler: handler)
    handler(.started(route))
  }

  mutating func cancel(_ id: SeriesID) {
    guard series[id] != nil else { return }
    series[id]?.schedule.stop()
    drain()
    engine.advance(to: SystemClock.now())
    engine.cancel(id)
    performActions()
    finish(id)
  }

  mutating func stop() {
    for id in series.keys { cancel(id) }
    isStopping = true
  }

  /// Submits every probe whose time has come.
  mutating func submitDue() {
    for id in series.keys.sorted(by: { $0.rawValue < $1.rawValue }) {
      while let sequence = series[id]?.schedule.take(at: SystemClock.now()) { submit(sequence, of: id) }
    }
  }

  /// Ends the series whose probes have all ended and whose wait for copies is over.
  mutating func endLingering() {
    let now = SystemClock.now()
    for active in series.values {
      if let moment = active.lingersUntil, moment <= now { finish(active.id) }
    }
  }

  private mutating func finish(_ id: SeriesID) {
    countDrops()
    performActions()
    engine.end(id)
    series.removeValue(forKey: id)?.handler(.ended)
  }

  private mutating func submit(_ sequence: Int, of id: SeriesID) {
    refreshRoute(of: id)
    guard let active = series[id] else { return }
    let target = active.plan.target
    let request = ProbeRequest(
      series: id, sequence: sequence, target: target, timeout: active.plan.timeout,
      expectsSentStamp: active.route?.stampsSent ?? false)
    while let port = takePort(for: target) {
      let now = SystemClock.now()
      let identity = identities.identity(of: engine.upcomingID, to: target, from: port)
      if (try? engine.submit(request, as: identity, at: now)) != nil { break }
      rotation.release(port, for: target, .clean, at: now)
    }
    series[id]?.unfinished += 1
    performActions()
  }

  /// The next free port towards `target`, reserving another while there is one, else the one used longest ago.
  private mutating func takePort(for target: Endpoint) -> UInt16? {
    let now = SystemClock.now()
    if rotation.count >= ProbeLoop.fewestPorts, let port = rotation.take(for: target, at: now) { return port }
    if let port = reservations.reserve() { rotation.add(port) }
    return rotation.take(for: target, at: now) ?? rotation.takeOldest(for: target, at: now)
  }

  /// Probes rotate over at least this many source ports, so that load balancers spread them.
  private static var fewestPorts: Int { 16 }

  private mutating func refreshRoute(of id: SeriesID) {
    let now = SystemClock.now()
    guard let active = series[id] else { return }
    let isArmed = active.route.map { captures[$0.interface] != nil } ?? false
    if isArmed, now.since(active.routeChecked) < ActiveSeries.routeLifetime { return }
    series[id]?.routeChecked = now
    let route = try? RouteLookup.route(to: active.plan.target.address, options)
    series[id]?.route = route
    if let route { try? arm(route) }
  }

  /// Opens the capture on the route's device, unless it is open.
  private mutating func arm(_ route: Route) throws(SynIOError) {
    guard captures[route.interface] == nil else { return }
    captures[route.interface] = try PacketCapture(
      device: route.interface, filter: CaptureFilter(ports: reservations.block))
  }
}
