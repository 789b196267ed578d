internal import SynCore
internal import SynIO
internal import SynProbe
internal import SynWire

/// What a round trip costs on this host alone: probes to a listener on loopback.
enum NoiseFloor {
  private static let probes = 100

  /// Measures it in the mode that `auto` takes, and says which that is.
  static func measure() async -> (mode: String, result: HostReport.Noise?) {
    guard let prober = try? Prober() else { return ("none", nil) }
    let mode = prober.mode.rawValue
    guard let listener = try? LoopbackListener(.v4) else { return (mode, nil) }
    var statistics = SeriesStatistics()
    let events = prober.events(
      of: listener.endpoint, count: probes, interval: .milliseconds(2), timeout: .seconds(1))
    for await event in events {
      if case .probe(let result) = event { statistics.add(result) }
    }
    _ = consume listener  // It listens until the last probe has ended.
    return (mode, result(statistics, mode))
  }

  private static func result(_ statistics: SeriesStatistics, _ mode: String) -> HostReport.Noise {
    var times: [String: Double] = [:]
    if let quantiles = statistics.roundTrip.quantiles([0.5, 0.99]), let maximum = statistics.roundTrip.maximum {
      times = ["p50": quantiles[0].milliseconds, "p99": quantiles[1].milliseconds, "max": maximum.milliseconds]
    }
    return HostReport.Noise(
      mode: mode, probes: statistics.attempted, open: statistics.count(.open), rttMs: times)
  }
}
