internal import SynCore
internal import SynSystem
internal import SynWire

/// Ahead of a series that asks for it, trains of SYNs that tell how wide the path is.
extension SeriesWorkload {
  mutating func startTrains(of id: SeriesID) {
    guard let active = series[id], let plan = active.plan.trains else { return }
    if transport.connector != nil { return active.handler(.noTrains(.modeConnect)) }
    if transport.options.sourcePorts.fixedPort != nil { return active.handler(.noTrains(.fixedPort)) }
    let handler = active.handler
    let own = SeriesPlan(
      target: active.plan.target, count: nil, interval: TrainPacer.interval, timeout: active.plan.timeout,
      hopLimit: active.plan.hopLimit)
    start(id.train, own) { event in
      if case .train = event { handler(event) }
    }
    guard let train = series[id.train] else { return }
    active.waitsForTrains = true
    train.pacer = TrainPacer(plan, active.plan.target.address.family, at: SystemClock.now())
    for one in [active, train] { reschedule(one) }
  }

  /// Does the next step of a series of trains.
  mutating func visitTrains(_ id: SeriesID, at now: MonotonicInstant) {
    guard let active = series[id] else { return }
    switch active.pacer?.step(at: now) {
    case .send(let shape, let count, let first)?:
      for sequence in first..<first + count { submit(sequence, of: active, as: shape) }
    case .ended(let train)?: active.handler(.train(train))
    case .over?: return finish(id)
    case .wait?, nil: break
    }
    reschedule(active)
  }

  private mutating func submit(_ sequence: Int, of active: ActiveSeries, as shape: SynShape) {
    guard let port = transport.takePort(for: active.plan.target) else {
      active.pacer?.skip(sequence)
      return
    }
    submit(sequence, of: active, from: port, shape: shape)
  }
}
