internal import SynCore
internal import SynEdge
internal import SynProbe

/// The modules of `/probe`.
extension SeriesParameters {
  /// The defaults of a module: closer together than a request's, for a scrape is short.
  static var module: SeriesParameters {
    var module = SeriesParameters()
    module.interval = .milliseconds(50)
    return module
  }

  /// The modules that are there without a configuration file.
  static var builtInModules: [String: SeriesParameters] {
    var connect = module
    connect.mode = .connect
    return ["tcp_syn": module, "tcp_connect": connect]
  }

  /// Keeps it within limits.
  mutating func fit(_ limits: ServiceLimits) {
    interval = max(interval, limits.interval)
    timeout = min(timeout, limits.duration)
    count = min(count, limits.count, Int((limits.duration - timeout) / interval) + 1)
  }
}
