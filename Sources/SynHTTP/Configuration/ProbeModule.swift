public import SynProbe

/// How `/probe` probes, by the name that its parameter `module` gives.
public struct ProbeModule: Sendable, Hashable {
  /// How to probe.
  public var mode = ProberConfiguration.Mode.auto
  /// How many probes.
  public var count = 5
  /// Time between the starts of two probes.
  public var interval = Duration.milliseconds(50)
  /// How long an answer counts.
  public var timeout = Duration.seconds(2)

  /// The defaults.
  public init() {}

  /// Keeps it within limits.
  mutating func fit(_ limits: ServiceLimits) {
    interval = max(interval, limits.interval)
    timeout = min(timeout, limits.duration)
    count = min(count, limits.count, Int((limits.duration - timeout) / interval) + 1)
  }

  /// The modules that are there without a configuration file.
  static var builtIn: [String: ProbeModule] {
    var connect = ProbeModule()
    connect.mode = .connect
    return ["tcp_syn": ProbeModule(), "tcp_connect": connect]
  }
}
