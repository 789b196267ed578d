internal import SynCore
internal import SynProbe
internal import SynSystem
internal import SynWire

/// What a round trip costs on this host alone: probes to a listener on loopback.
enum NoiseFloor {
  private static let probes = 100

  /// What was found.
  struct Finding {
    /// `syn`, `connect` or `none`.
    var mode: String
    /// Why it is not `syn`.
    var reason: String?
    var result: HostReport.Noise?
  }

  /// Measures it in the mode that `auto` takes, or by connect where that fails.
  static func measure() async -> Finding {
    do throws(ProberError) {
      let prober = try Prober()
      let reason = prober.fallbackReason.map(words)
      return Finding(mode: prober.mode.rawValue, reason: reason, result: await measure(prober))
    } catch {
      var configuration = ProberConfiguration()
      configuration.mode = .connect
      guard let prober = try? Prober(configuration) else { return Finding(mode: "none", reason: words(error)) }
      return Finding(mode: "connect", reason: words(error), result: await measure(prober))
    }
  }

  private static func words(_ error: ProberError) -> String {
    error.code == .notPermitted ? ([error.message] + error.remedies).joined(separator: "; ") : error.message
  }

  private static func measure(_ prober: Prober) async -> HostReport.Noise {
    var statistics = SeriesStatistics()
    let mode = prober.mode.rawValue
    let listener: LoopbackListener
    do throws(SystemError) {
      listener = try LoopbackListener(.v4)
    } catch {
      return result(statistics, mode, error: "\(error)")
    }
    var failure: String?
    let events = prober.events(
      of: listener.endpoint, count: probes, interval: .milliseconds(2), timeout: .milliseconds(500))
    for await event in events {
      if case .probe(let result) = event { statistics.add(result) }
      if case .failed(let error) = event { failure = error.message }
    }
    _ = consume listener  // It listens until the last probe has ended.
    return result(statistics, mode, error: failure)
  }

  private static func result(_ statistics: SeriesStatistics, _ mode: String, error: String?) -> HostReport.Noise {
    var times: [String: Double] = [:]
    if let quantiles = statistics.roundTrip.quantiles([0.5, 0.99]), let maximum = statistics.roundTrip.maximum {
      times = ["p50": quantiles[0].milliseconds, "p99": quantiles[1].milliseconds, "max": maximum.milliseconds]
    }
    return HostReport.Noise(
      mode: mode, probes: statistics.attempted, open: statistics.count(.open), rttMs: times, error: error)
  }
}
