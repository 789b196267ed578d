public import SynWire

/// Where a trace goes, and how thoroughly it asks.
public struct TracePlan: Hashable, Sendable {
  /// The end of the way.
  public var target: Endpoint
  /// The source ports: routers that choose by them send each its own way.
  public var ports: [UInt16]
  /// Probes a hop and path, above 0.
  public var probes: Int
  /// The greatest hop limit, above 0.
  public var mostHops: UInt8
  /// How long an answer counts.
  public var timeout: Duration

  /// A trace along some paths.
  public init(
    target: Endpoint, ports: [UInt16], probes: Int = 3, mostHops: UInt8 = 30, timeout: Duration = .seconds(1)
  ) {
    self.target = target
    self.ports = ports
    self.probes = probes
    self.mostHops = mostHops
    self.timeout = timeout
  }
}

/// One SYN of a trace.
public struct TraceProbe: Hashable, Sendable {
  /// Its number, from 0, in the order in which they leave.
  public let number: Int
  /// Which of the plan's ports it leaves from.
  public let path: Int
  /// How many routers may pass it on.
  public let hopLimit: UInt8
  /// Its source port.
  public let localPort: UInt16
  /// Its sequence number, by which an answer, or the quote in an error, is known.
  public let sequence: SequenceNumber
}
