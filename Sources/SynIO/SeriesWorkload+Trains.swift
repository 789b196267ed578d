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
    guard series[id.train] != nil else { return }
    series[id]?.waitsForTrains = true
    series[id.train]?.pacer = TrainPacer(plan, active.plan.target.address.family, at: SystemClock.now())
    for one in [id, id.train] { reschedule(one) }
  }

  /// Does the next step of a series of trains.
  mutating func visitTrains(_ id: SeriesID, at now: MonotonicInstant) {
    switch series[id]?.pacer?.step(at: now) {
    case .send(let shape, let count, let first)?:
      for sequence in first..<first + count { submit(sequence, of: id, as: shape) }
    case .ended(let train)?: series[id]?.handler(.train(train))
    case .over?: return finish(id)
    case .wait?, nil: break
    }
    reschedule(id)
  }

  private mutating func submit(_ sequence: Int, of id: SeriesID, as shape: SynShape) {
    guard let target = series[id]?.plan.target, let port = transport.takePort(for: target) else {
      series[id]?.pacer?.skip(sequence)
      return
    }
    submit(sequence, of: id, from: port, shape: shape)
  }
}
