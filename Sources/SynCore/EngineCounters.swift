/// Totals over an engine's life: results of their own, not logs.
public struct EngineCounters: Hashable, Sendable {
  /// Probes submitted.
  public internal(set) var attempted: UInt64 = 0
  /// Probes by outcome.
  public internal(set) var outcomes: [ProbeOutcome.Kind: UInt64] = [:]
  /// Occurrences of each anomaly.
  public internal(set) var anomalies: [Anomaly: UInt64] = [:]
  /// RSTs that acknowledged the ISN itself, as some stacks do, instead of ISN + 1.
  public internal(set) var resetsOfISN: UInt64 = 0
  /// RSTs whose acknowledgement is not the probe's or is missing: they end nothing.
  public internal(set) var refusedResets: UInt64 = 0
  /// Probes that this host refused to send, by the refusal.
  public internal(set) var refusals: [SendFailure: UInt64] = [:]
  /// Stamps that answered probes lack, by stamp; a probe by connect(2) has none to lack.
  public internal(set) var missingStamps: [ObservationPoint: UInt64] = [:]
  /// Round trips of the targets' own answers.
  public internal(set) var roundTrips = LatencyHistogram()

  /// Nothing yet.
  public init() {}

  /// Probes with an outcome.
  public var completed: UInt64 { outcomes.values.reduce(0, +) }

  /// Adds a probe that ended.
  mutating func add(_ result: ProbeResult) {
    outcomes[result.outcome.kind, default: 0] += 1
    if case .blocked(let failure) = result.outcome { refusals[failure, default: 0] += 1 }
    guard result.outcome.isAnswer else { return }
    if let roundTrip = result.observation.roundTrip { roundTrips.add(roundTrip) }
    // Where the clock was stepped, all four were discarded, and none is missing.
    guard result.observation.handshake == nil, result.observation != Observation() else { return }
    for point in result.observation.missing { missingStamps[point, default: 0] += 1 }
  }

  /// Adds another engine's totals.
  public mutating func add(_ other: EngineCounters) {
    attempted += other.attempted
    resetsOfISN += other.resetsOfISN
    refusedResets += other.refusedResets
    outcomes.merge(other.outcomes, uniquingKeysWith: +)
    anomalies.merge(other.anomalies, uniquingKeysWith: +)
    refusals.merge(other.refusals, uniquingKeysWith: +)
    missingStamps.merge(other.missingStamps, uniquingKeysWith: +)
    roundTrips.add(other.roundTrips)
  }

  mutating func add(_ report: AnomalyReport) {
    anomalies[report.kind, default: 0] += report.count
  }
}
