internal import Glibc
internal import SynCore
internal import SynSystem
internal import SynWire

extension SeriesWorkload {
  mutating func start(_ id: SeriesID, _ plan: SeriesPlan, _ handler: @escaping @Sendable (ProbeEvent) -> Void) {
    let route = transport.findRoute(to: plan.target)
    do throws(SystemError) {
      switch route {
      case .success(let path): try transport.arm(path)
      case .failure(let failure) where SeriesWorkload.shortages.contains(failure.errno):
        throw .system(errno: failure.errno, operation: .findRoute, subject: "\(plan.target.address)")
      case .failure: break
      }
    } catch {
      handler(.failed(ProberError(error)))
      return handler(.ended)
    }
    let dropsBefore = dropsAtStart()
    let now = SystemClock.now()  // The capture is open: that may have taken its time.
    let asksPorts =
      transport.options.sourcePorts.fixedPort == nil && transport.routes.asksPorts(plan.target.address.family, at: now)
    let active = ActiveSeries(
      id: id, plan: plan, route: route, asksPorts: asksPorts,
      seed: plan.isEven ? nil : plan.seed ?? ditherSeed &+ UInt64(id.rawValue),
      shared: shared, at: now, dropsBefore: dropsBefore, handler: handler)
    series[id] = active
    reschedule(active)
    // Where each source port has its own way, the first probe tells it.
    if !asksPorts { active.tell(try? route.get()) }
    if plan.listening != nil { startWitness(of: id) }
    if plan.trains != nil { startTrains(of: id) }
    if plan.trace != nil { startTrace(of: id) }
  }

  /// Ends series at once: their waiting probes end as `cancelled`.
  mutating func cancel(_ ids: Set<SeriesID>) {
    var running = ids.filter { series[$0] != nil }
    guard !running.isEmpty else { return }
    for id in running { running.formUnion(companions(of: id)) }
    for id in running { series[id]?.schedule.stop() }
    drain(.unknown)
    engine.advance(to: SystemClock.now())
    performActions()
    engine.cancel(running)
    transport.countDrops(into: &engine)
    performActions()
    for id in running { finish(id) }
  }

  /// So many probes leave in one turn at most: what comes back of them, and their stamps, fit into this host's buffers,
  /// which are emptied in between.
  private static let mostPerTurn = 256

  /// Looks at the series whose moment has come: submits a probe that is due, and ends what is over.
  mutating func visitDue() {
    for _ in 0..<SeriesWorkload.mostPerTurn {
      let now = SystemClock.now()
      guard backoff.isOver(at: now), outbox.isEmpty || backoff.until == nil, let id = agenda.take(at: now) else {
        return
      }
      visit(id, at: now)
    }
  }

  private mutating func visit(_ id: SeriesID, at now: MonotonicInstant) {
    guard let active = series[id] else { return }
    active.stopWhenOver(at: now)
    if active.pacer != nil { return visitTrains(id, at: now) }
    if active.tracer != nil { return visitTrace(id, at: now) }
    if let over = active.lingersUntil, over <= now {
      transport.countDrops(into: &engine)
      performActions()
      return finish(id)
    }
    if !active.waitsForPort, let due = active.schedule.due, due <= now, !submitNext(of: active, at: now) {
      active.waitsForPort = true
      waitingForPort.insert(id)
    }
    reschedule(active)
  }

  /// Notes when a series must be looked at again, after anything that changes it.
  mutating func reschedule(_ active: ActiveSeries) {
    agenda.set(active.id, to: active.nextMoment)
  }

  /// Submits the next probe of a series; false when there is no port, or no descriptor, for it.
  private mutating func submitNext(of active: ActiveSeries, at now: MonotonicInstant) -> Bool {
    if let hasRoom = transport.connector?.hasRoom {
      guard hasRoom else { return false }
      if let sequence = active.schedule.take(at: now) { submit(sequence, of: active, from: nil) }
    } else if active.isWitness {
      return submitWitness(of: active, at: now)
    } else {
      guard let port = transport.takePort(for: active.plan.target) else { return false }
      if let sequence = active.schedule.take(at: now) { submit(sequence, of: active, from: port) }
    }
    return true
  }

  /// Sends a probe once more from another port: what it met at the target was left over by an earlier one.
  mutating func sendAgain(_ id: ProbeID, _ request: ProbeRequest, from former: UInt16) {
    let now = SystemClock.now()
    // From another port a SYN of a trace would go another way; what the target owes it is known to be owed.
    guard let active = series[request.series], active.tracer == nil, engine.isInFlight(id),
      let port = transport.takePort(for: request.target)
    else {
      return
    }
    engine.retire(id)
    transport.rotation.release(former, for: request.target, .answered, at: now)
    active.unfinished -= 1
    submit(
      request.sequence, of: active, from: port, repeats: request.repeats + 1, shape: request.shape)
  }

  /// A port was released: whoever waits for one looks again.
  mutating func portReleased() {
    guard !waitingForPort.isEmpty else { return }
    for active in waitingForPort.compactMap({ series[$0] }) {
      active.waitsForPort = false
      reschedule(active)
    }
    waitingForPort.removeAll()
  }

  mutating func finish(_ id: SeriesID) {
    endCompanions(of: id)
    if id.isWitness { letGo(of: id) }
    releaseTrace(of: id)
    engine.end(id)
    agenda.set(id, to: nil)
    waitingForPort.remove(id)
    series[id]?.catchUp(with: shared)
    tellDrops(of: id)
    series.removeValue(forKey: id)?.handler(.ended)
    guard id.isTrain, let asked = series[id.asked] else { return }
    asked.trainsEnded(at: SystemClock.now())
    reschedule(asked)
  }

  mutating func submit(
    _ sequence: Int, of active: ActiveSeries, from port: UInt16?, repeats: UInt8 = 0, shape: SynShape? = nil,
    hopLimit: UInt8? = nil
  ) {
    refreshRoute(of: active, from: port ?? 0)
    let target = active.plan.target
    var request = ProbeRequest(
      series: active.id, sequence: sequence, target: target, timeout: active.plan.timeout,
      expectsSentStamp: active.path?.stampsSent ?? false, device: active.path?.index ?? 0,
      source: active.path?.source, nextHop: active.path?.gateway, hopLimit: hopLimit ?? active.plan.hopLimit)
    request.repeats = repeats
    request.shape = shape
    request.memory = active.plan.listening?.memory
    if let port {
      while true {
        let identity = identities.identity(of: engine.upcomingID, to: target, from: port)
        if (try? engine.submit(request, as: identity, at: SystemClock.now())) != nil { break }
      }
      if let path = active.path, !transport.isArmed(path) { engine.captureInterrupted() }
    } else {
      engine.submit(request, at: SystemClock.now())
    }
    active.unfinished += 1
    performActions()
  }

  private mutating func refreshRoute(of active: ActiveSeries, from port: UInt16) {
    let now = SystemClock.now()
    if active.asksPorts { return refreshRoute(of: active, from: port, at: now) }
    let isArmed = active.path.map { transport.isArmed($0) } ?? false
    if isArmed, now.since(active.routeChecked) < ActiveSeries.routeLifetime { return }
    active.routeChecked = now
    transport.routes.forget(active.plan.target)
    let route = transport.findRoute(to: active.plan.target)
    // What this process lacks says nothing about the route.
    if case .failure(let failure) = route, active.path != nil, SeriesWorkload.shortages.contains(failure.errno) {
      return
    }
    active.route = route
    if case .success(let path) = route {
      try? transport.arm(path)
      active.tell(path)
    }
  }

  /// Finds the way of one source port: rules and next hops may be chosen by it.
  private mutating func refreshRoute(of active: ActiveSeries, from port: UInt16, at now: MonotonicInstant) {
    guard transport.connector == nil else { return }  // The kernel's own choice is known once it has chosen the port.
    let known = active.knownRoute(from: port, at: now)
    let route = known ?? transport.findRoute(to: active.plan.target, from: port)
    if known == nil { active.learn(route, from: port, at: now) }
    active.route = route
    if case .success(let path) = route { try? transport.arm(path) }
    active.tell(try? route.get())
  }

  /// Tells the way of an attempt that the kernel carries out, from the port and the address that it chose.
  mutating func tellPath(of id: SeriesID, from local: Endpoint) {
    guard let active = series[id] else { return }
    var chosen = transport.options
    chosen.source = local.address
    let asked = try? transport.routes.finder.route(
      to: active.plan.target, from: local.port, chosen, asksPorts: active.asksPorts)
    if let route = asked ?? active.path { series[id]?.tell(route) }
  }

  private static var shortages: [Int32] { [EMFILE, ENFILE, ENOMEM, ENOBUFS] }
}
