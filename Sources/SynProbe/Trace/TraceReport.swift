package import SynCore
package import SynTrace
package import SynWire

/// The JSON of a trace, schema `synprobe.trace/1`: numbers are numbers, units are in the keys, absent is absent.
public struct TraceReport: Sendable, Hashable {
  /// Name and version of this form.
  public internal(set) var schema = "synprobe.trace/1"
  /// Where it went.
  public var target: PingReport.Target
  /// Whether the target answered, on any path.
  public var reached: Bool
  /// The device that the SYNs left by.
  public var interface: String?
  /// Their source address.
  public var source: String?
  /// UTC, RFC 3339 with microseconds.
  public var startedAt: String
  /// How long it took.
  public var durationMs: Double
  /// The way of each source port.
  public var paths: [Path]
  /// What this host itself refused to send, or dropped of what came back, a sentence each: it is no hop's.
  public var ownFaults: [String]?

  /// The way of one source port.
  public struct Path: Sendable, Hashable {
    /// The source port.
    public var sourcePort: Int
    /// Whether the target answered.
    public var reached: Bool
    /// From the first to the target, or to the last that was asked.
    public var hops: [Hop]
  }

  /// Who answered for one hop limit.
  public struct Hop: Sendable, Hashable {
    /// The hop limit of the SYNs.
    public var ttl: Int
    /// SYNs that were sent.
    public var attempted: Int
    /// SYNs that were answered.
    public var answered: Int
    /// SYNs that were still waited for when the trace was ended; absent where there are none.
    public var cancelled: Int?
    /// Whether hops behind it answered more often.
    public var isRateLimited: Bool
    /// Who answered; none for a silent hop.
    public var addresses: [Address]
  }

  /// One that answered.
  public struct Address: Sendable, Hashable {
    /// Its address.
    public var address: String
    /// Its name, where that was asked for and is known.
    public var name: String?
    /// SYNs of this hop limit that were sent.
    public var attempted: Int
    /// Those that it answered.
    public var answered: Int
    /// From the SYN at the device to the answer there; absent where no time is known.
    public var rttMs: Times?
    /// The median less that of the nearest hop before that answered; it may be negative.
    public var addedMs: Double?
    /// `router`, `open`, `closed` or `refused`.
    public var role: String
    /// The error of one that refused the SYN.
    public var error: String?
    /// The labels with which the SYN came to it, where it tells them.
    public var mpls: [Label]?
  }

  /// Round trips.
  public struct Times: Sendable, Hashable {
    /// The least.
    public var min: Double
    /// The median.
    public var p50: Double
    /// The 99th percentile.
    public var p99: Double
    /// The greatest.
    public var max: Double
  }

  /// An entry of a label stack.
  public struct Label: Sendable, Hashable {
    /// The label.
    public var label: Int
    /// The traffic class.
    public var trafficClass: Int
    /// The time to live.
    public var ttl: Int
  }
}

extension TraceReport {
  /// The JSON form of what was found.
  package init(
    _ finding: TraceFinding, input: String, path: ProbeEvent.Path?, startedAt: KernelTimestamp, took: Duration,
    names: [IPAddress: String] = [:], ownFaults: [String] = []
  ) {
    self.init(
      target: PingReport.Target(input: input, address: "\(finding.target.address)", port: Int(finding.target.port)),
      reached: finding.reached, interface: path?.interface, source: path.map { "\($0.source)" },
      startedAt: startedAt.rfc3339, durationMs: took.milliseconds,
      paths: finding.paths.map { path in
        Path(sourcePort: Int(path.sourcePort), reached: path.reached, hops: path.hops.map { Hop($0, names) })
      },
      ownFaults: ownFaults.isEmpty ? nil : ownFaults)
  }
}

extension TraceReport.Hop {
  fileprivate init(_ hop: TraceFinding.Hop, _ names: [IPAddress: String]) {
    self.init(
      ttl: Int(hop.limit), attempted: hop.attempted, answered: hop.answered,
      cancelled: hop.waitedFor > 0 ? hop.waitedFor : nil, isRateLimited: hop.isRateLimited,
      addresses: hop.addresses.map { TraceReport.Address($0, of: hop.attempted, names) })
  }
}

extension TraceReport.Address {
  fileprivate init(_ one: TraceFinding.Address, of attempted: Int, _ names: [IPAddress: String]) {
    let labels = one.labels.map {
      TraceReport.Label(label: Int($0.label), trafficClass: Int($0.trafficClass), ttl: Int($0.timeToLive))
    }
    self.init(
      address: "\(one.address)", name: names[one.address], attempted: attempted, answered: one.answered,
      rttMs: TraceReport.Times(one), addedMs: one.added?.milliseconds, role: one.role.word, error: one.role.error,
      mpls: labels.isEmpty ? nil : labels)
  }
}

extension TraceReport.Times {
  fileprivate init?(_ one: TraceFinding.Address) {
    guard let least = one.roundTrips.first, let most = one.roundTrips.last, let median = one.roundTrip(0.5),
      let high = one.roundTrip(0.99)
    else { return nil }
    self.init(min: least.milliseconds, p50: median.milliseconds, p99: high.milliseconds, max: most.milliseconds)
  }
}

extension TraceFinding.Role {
  fileprivate var word: String {
    switch self {
    case .router: "router"
    case .open: "open"
    case .closed: "closed"
    case .refuser: "refused"
    }
  }

  fileprivate var error: String? {
    if case .refuser(let error) = self { error.meaning } else { nil }
  }
}
