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

  /// Probes with an outcome.
  public var completed: UInt64 { outcomes.values.reduce(0, +) }

  mutating func add(_ report: AnomalyReport) {
    anomalies[report.kind, default: 0] += report.count
  }
}
