internal import SynCore
internal import SynProbe
internal import SynWire

/// How a target is probed as long as somebody looks: those who want the same share one series.
struct LiveTerms: Hashable, Sendable {
  let endpoint: Endpoint
  let mode: ProbeMode?
  let interval: Duration
  let timeout: Duration
  /// Whether to tell which way probes are lost.
  let tellsDirection: Bool

  /// The series, without an end.
  var plan: SeriesPlan {
    var plan = SeriesPlan(target: endpoint, count: nil, interval: interval, timeout: timeout)
    plan.listening = tellsDirection ? .forDirection : nil
    return plan
  }

  /// Probes a second.
  var rate: Double { 1e9 / Double(max(interval.nanoseconds, 1)) + (tellsDirection ? Double(LossWays.witnesses) : 0) }

  /// Probes in one second, or one.
  var probesOfSecond: Int {
    max(Int(1_000_000_000 / max(interval.nanoseconds, 1)), 1) + (tellsDirection ? LossWays.witnesses : 0)
  }
}
