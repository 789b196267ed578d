internal import Glibc
internal import SynCore
internal import SynSystem
internal import SynWire

extension ProbeLoop {
  /// Does everything that the engine asks for.
  mutating func performActions() {
    while let action = engine.nextAction() {
      switch action {
      case .transmit(let specification): transmit(specification)
      case .connect(let specification): connect(specification)
      case .sendAgain(let id, let request, let port): sendAgain(id, request, from: port)
      case .complete(let result): complete(result)
      case .report(let report): deliver(report)
      }
    }
  }

  private mutating func transmit(_ specification: SynSpecification) {
    do throws(SendFailure) {
      guard let route = try series[specification.series]?.route.get() else { return }
      try send(specification, by: route)
      backoff.succeeded(at: SystemClock.now())
    } catch {
      if error.errno == ENOBUFS, isFiltered(specification) { return engine.filteredInEgress(specification.id) }
      if error.isShortage { backoff.failed(at: SystemClock.now()) }
      engine.sendFailed(specification.id, error)
      series[specification.series]?.routeExpired()
    }
  }

  /// An ICMP error about one probe fails the next send of the socket, whatever its target: the error queue is drained
  /// first, and a send that fails all the same is tried once more after draining again.
  private mutating func send(_ specification: SynSpecification, by route: Route) throws(SendFailure) {
    drainEvents()
    do throws(SendFailure) {
      try sendOnce(specification, by: route)
    } catch {
      guard error.errno != EPERM, !error.isShortage else { throw error }
      drainEvents()
      try sendOnce(specification, by: route)
    }
  }

  private mutating func sendOnce(_ specification: SynSpecification, by route: Route) throws(SendFailure) {
    let call =
      specification.target.address.family == .v4
      ? try socketV4?.send(specification, by: route)
      : try socketV6?.send(specification, by: route)
    guard let call else { throw SendFailure(errno: EAFNOSUPPORT) }
    engine.transmitted(specification.id, from: call.began, to: call.ended)
  }

  /// Whether a SYN that the kernel had no buffer for was dropped by a filter: a queue that is full holds something.
  ///
  /// It may be that of another device, below the route's own.
  private func isFiltered(_ specification: SynSpecification) -> Bool {
    series[specification.series]?.path != nil && !Devices.haveBacklog
  }

  private mutating func connect(_ specification: ConnectSpecification) {
    do throws(SendFailure) {
      let active = series[specification.series]
      if active?.asksPorts == false { _ = try active?.route.get() }
      let local = try connector?.start(specification)
      if let local, active?.asksPorts == true { tellPath(of: specification.series, from: local) }
      backoff.succeeded(at: SystemClock.now())
    } catch {
      if error.isShortage { backoff.failed(at: SystemClock.now()) }
      engine.sendFailed(specification.id, error)
      series[specification.series]?.routeExpired()
    }
  }

  private mutating func complete(_ result: ProbeResult) {
    let now = SystemClock.now()
    if connector != nil {
      connector?.finish(result.id)
    } else if let port = result.localPort {
      rotation.release(port, for: result.request.target, PortRotation.Release(result.outcome), at: now)
    }
    portReleased()
    let id = result.request.series
    series[id]?.catchUp(with: shared)
    series[id]?.handler(.probe(result))
    series[id]?.ended(result, at: now)
    reschedule(id)
  }

  private mutating func deliver(_ report: AnomalyReport) {
    guard let id = report.series else { return shared.add(report) }
    series[id]?.handler(.report(report))
  }
}

extension PortRotation.Release {
  fileprivate init(_ outcome: ProbeOutcome) {
    switch outcome {
    case .open: self = .answered
    case .closed, .blocked: self = .clean
    case .filtered, .lost, .unexpected, .cancelled: self = .unanswered
    }
  }
}
