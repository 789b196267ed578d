internal import SynCore
internal import SynEdge
internal import SynProbe
internal import SynVerdict

/// How long a scraper waits for `/probe`, as Prometheus says in the header field X-Prometheus-Scrape-Timeout-Seconds.
struct ScrapeTimeout {
  static let header = "X-Prometheus-Scrape-Timeout-Seconds"
  /// Left for the way there and back, as blackbox_exporter leaves it; of a short timeout half of it.
  private static let offset = 0.5
  private static let longest = 600.0

  /// How long the probes may take in all.
  let budget: Duration

  /// - Throws: `Problem` for what is not a positive number of seconds.
  init(_ text: String) throws(Problem) {
    guard let seconds = Double(text), seconds.isFinite, seconds > 0,
      text.utf8.allSatisfy({ (0x30...0x39).contains($0) || [0x2e, 0x65, 0x45, 0x2b, 0x2d].contains($0) })
    else {
      throw Problem.bad(ScrapeTimeout.header, "'\(text.escaped)' is not a positive number of seconds")
    }
    let bounded = min(seconds, ScrapeTimeout.longest)
    budget = .nanoseconds(Int64(max(bounded - ScrapeTimeout.offset, bounded / 2) * 1e9))
  }

  /// Makes a series end in time: its probes closer together first, down to the shortest interval, then its timeout
  /// shorter, then fewer probes.
  ///
  /// Where there is no time to listen for what tells the way of a loss, none is told.
  func fit(_ series: SeriesParameters, shortest: Duration, after elapsed: Duration = .zero) -> SeriesParameters {
    var series = series
    let left = max(budget - elapsed, .microseconds(100))
    let sending = left - LossTrail.listening
    if sending < shortest * (series.count - 1) { series.tellsDirection = false }
    if series.count > 1, series.longest > left {
      series.interval = min(series.interval, max(left / 2 / (series.count - 1), shortest))
      series.count = min(series.count, Int(left / 2 / series.interval) + 1)
    }
    if series.tellsDirection, series.count > 1 { series.interval = min(series.interval, sending / (series.count - 1)) }
    series.timeout = min(series.timeout, left - series.interval * (series.count - 1))
    return series
  }
}
