internal import SynCore
internal import SynEdge
internal import SynProbe
internal import SynSystem
internal import SynWire

/// Runs the probes of one request: in a slot, and no longer than its client stays.
struct SeriesRun: Sendable {
  let probers: Probers
  let leases: Leases

  /// A series that has ended.
  struct Outcome: Sendable {
    let measurement: Measurement
    let ended: MonotonicInstant
  }

  /// - Throws: `Problem` when there is no slot, nothing can be sent, or the service ended first.
  func measure(
    _ endpoint: Endpoint, as input: String, _ series: SeriesParameters, _ context: ServiceContext
  ) async throws(Problem) -> Outcome {
    let prober = try probers.prober(series.mode)
    let limits = leases.rules.now.limits
    let lease = ProbeLease(leases: leases, context: context)
    let measurement = try await lease.with { onCut throws(Problem) in
      try leases.budget.take(series.probes, to: endpoint.address, limits, at: SystemClock.now())
      var plan = SeriesPlan(
        target: endpoint, count: series.count, interval: series.interval, timeout: series.timeout)
      plan.listening = series.tellsDirection ? .forDirection : nil
      let moment = SystemClock.moment()
      let measurement = Measurement(
        input: input, target: endpoint, mode: prober.mode, startedAt: moment.realtime,
        began: moment.monotonic, requested: series.count, keepsProbes: true,
        tellsDirection: series.tellsDirection)
      return await prober.gather([plan], into: measurement, onCut: onCut)
    }
    let ended = SystemClock.now()
    if let failure = measurement.failure {
      throw Problem(.probingFailed, "\(failure)", retryAfter: .seconds(1))
    }
    let statistics = measurement.statistics
    try lease.check(isWhole: statistics.count(.cancelled) == 0 && statistics.attempted >= series.count)
    context.notes.note { $0.outcome = measurement.statistics.words }
    return Outcome(measurement: measurement, ended: ended)
  }
}

extension SeriesStatistics {
  /// The outcomes that there are, as `open=4 lost=1`.
  var words: String {
    ProbeOutcome.Kind.allCases.filter { count($0) > 0 }.map { "\($0.rawValue)=\(count($0))" }.joined(separator: " ")
  }
}
