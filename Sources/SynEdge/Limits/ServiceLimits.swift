package import SynWire

/// The bounds of the service; each may be set in the configuration file.
public struct ServiceLimits: Sendable, Hashable {
  /// Connections at once; one more is answered 503.
  public var connections = 512
  /// Connections at once from one client that is not on this host.
  public var connectionsPerClient = 128
  /// Series of probes at once over all clients; one more is answered 503.
  public var concurrentProbes = 256
  /// Requests a second of one client on the average, and twice as many at once; more are answered 429.
  public var requestsPerSecond = 1000
  /// Distinct targets a minute of one client; more are answered 429.
  public var targetsPerMinute = 4096
  /// Probes a second on the average over all targets; more are answered 429.
  public var probesPerSecond = 100_000
  /// Probes a second on the average to one address; more are answered 429.
  public var probesPerSecondPerAddress = 20_000
  /// Probes of one request.
  public var count = 1000
  /// How long the probes of one request may take in all.
  public var duration = Duration.seconds(60)
  /// The shortest interval between two probes of one request.
  public var interval = Duration.milliseconds(1)
  /// Probes of one verification: most are decided long before, so it may go on for twice as many as a measurement.
  package var verificationCount: Int { count * 2 }
  /// Whether clients on this host are counted too: they are once a limit is set by hand.
  public var concernsLoopback = false

  /// The defaults.
  public init() {}

  /// Whether requests from this address are counted.
  package func concerns(_ client: IPAddress) -> Bool {
    concernsLoopback || !client.isLoopback
  }
}

extension IPAddress {
  /// Whether this is an address of the loopback device: 127.0.0.0/8 or ::1.
  package var isLoopback: Bool { family == .v4 ? bits >> 24 == 127 : bits == 1 }
}
