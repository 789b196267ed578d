internal import Glibc
internal import SynCore
internal import SynSystem
internal import SynWire

extension SeriesWorkload {
  /// Does everything that the engine asks for.
  mutating func performActions() {
    while let action = engine.nextAction() {
      switch action {
      case .transmit(let specification): enqueue(specification)
      case .connect(let specification): connect(specification)
      case .sendAgain(let id, let request, let port): sendAgain(id, request, from: port)
      case .complete(let result): complete(result)
      case .report(let report): deliver(report)
      case .packet(let id, let packet, let device): deliver(packet, of: id, leftBy: device)
      }
    }
  }

  /// So long a SYN waits for room in this host at most, or half its timeout.
  private static let patience = Duration.milliseconds(100)

  /// Puts a SYN into the outbox, to leave by the way of its series.
  private mutating func enqueue(_ specification: SynSpecification) {
    guard let active = series[specification.series] else { return }
    switch active.route {
    case .success(let route):
      let patience = SystemClock.now().advanced(by: min(SeriesWorkload.patience, active.plan.timeout / 2))
      outbox.append(Departure(specification: specification, route: route, patience: patience))
    case .failure(let failure): fail(specification.id, of: specification.series, failure)
    }
  }

  /// Sends what is in the outbox, as far as this host has room: all at once, or while it had none a moment ago one by one.
  mutating func flush() {
    while !outbox.isEmpty, backoff.isOver(at: SystemClock.now()) {
      // What has waited for room may have been cancelled.
      outbox.removeAll { !engine.isInFlight($0.specification.id) }
      let began = SystemClock.now()
      let outcomes = transport.send(&outbox, atMost: backoff.until == nil ? .max : 1, finding: &engine)
      if outcomes.contains(where: { $0.1 == nil }) { backoff.succeeded(at: SystemClock.now()) }
      for case (let departure, let failure?) in outcomes { refused(departure, failure, since: began) }
      performActions()
    }
  }

  /// A call after `began` did not send it.
  private mutating func refused(_ departure: Departure, _ failure: SendFailure, since began: MonotonicInstant) {
    let specification = departure.specification
    transport.drainDropped(into: &engine)
    var refuser = Refuser.room
    if failure.errno == ENOBUFS, !failure.isBufferFull { refuser = self.refuser(of: specification, since: began) }
    if refuser == .filter { return engine.filteredInEgress(specification.id) }
    if refuser == .untold, departure.riddles < SeriesWorkload.mostRiddles {
      // It never left: another try tells.
      var again = departure
      again.riddles += 1
      engine.forgetDrop(specification.id)
      return outbox.insert(again, at: 0)
    }
    shortage = failure.isShortage ? failure : shortage
    fail(specification.id, of: specification.series, failure)
  }

  /// What this host had no room for in good time was never sent: no network has lost it.
  mutating func refuseWhatWaitedTooLong(at now: MonotonicInstant) {
    guard let shortage, outbox.contains(where: { $0.patience <= now }) else { return }
    for departure in outbox where departure.patience <= now {
      engine.sendFailed(departure.specification.id, shortage)
    }
    outbox.removeAll { $0.patience <= now }
    performActions()
  }

  private mutating func fail(_ id: ProbeID, of series: SeriesID, _ failure: SendFailure) {
    if failure.isShortage { backoff.failed(at: SystemClock.now()) }
    engine.sendFailed(id, failure)
    self.series[series]?.routeExpired()
  }

  /// A queue that was full is not empty again so soon.
  private static let shortestDrain = Duration.milliseconds(5)
  /// So often a SYN is tried again where this process was held up between the refusal and its look at the queues.
  private static let mostRiddles = 4

  /// What refused a SYN that the kernel had no buffer for.
  private enum Refuser {
    case filter, room, untold
  }

  /// What refused it, in a call after `began`: a queue that is full holds something, so it was a filter if none does.
  ///
  /// It may be that of another device, below the route's own.
  private func refuser(of specification: SynSpecification, since began: MonotonicInstant) -> Refuser {
    guard series[specification.series]?.path != nil, !Devices.haveBacklog else { return .room }
    return SystemClock.now().since(began) < SeriesWorkload.shortestDrain ? .filter : .untold
  }

  private mutating func connect(_ specification: ConnectSpecification) {
    do throws(SendFailure) {
      let active = series[specification.series]
      if active?.asksPorts == false { _ = try active?.route.get() }
      let local = try transport.connector?.start(specification)
      if let local, active?.asksPorts == true { tellPath(of: specification.series, from: local) }
      backoff.succeeded(at: SystemClock.now())
    } catch {
      fail(specification.id, of: specification.series, error)
    }
  }

  private mutating func complete(_ result: ProbeResult) {
    let now = SystemClock.now()
    let id = result.request.series
    let active = series[id]
    if transport.connector != nil {
      transport.connector?.finish(result.id)
    } else if let port = result.localPort, active?.tracer == nil {
      let release = PortRotation.Release(result.outcome)
      if id.isWitness {
        transport.witnessRotation.release(port, for: result.request.target, release, at: now)
      } else {
        transport.rotation.release(port, for: result.request.target, release, at: now)
      }
    }
    portReleased()
    active?.catchUp(with: shared)
    active?.handler(.probe(result))
    noteSibling(result)
    if result.outcome == .lost(.network) { askSiblings(of: id, at: now) }
    guard let active else { return }
    active.ended(result, at: now)
    reschedule(active)
  }

  private mutating func deliver(_ report: AnomalyReport) {
    guard let id = report.series else { return shared.add(report) }
    series[id]?.handler(.report(report))
  }
}

extension SeriesWorkload {
  private func deliver(_ packet: SeenPacket, of id: SeriesID, leftBy device: UInt32) {
    var packet = packet
    if device != 0 { packet.device = transport.captures[device]?.device }
    series[id]?.handler(.packet(packet))
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
