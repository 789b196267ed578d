/// What a series of probes to one target amounts to.
public struct SeriesStatistics: Hashable, Sendable {
  /// Probes by outcome.
  public private(set) var outcomes: [ProbeOutcome.Kind: Int] = [:]
  /// Lost probes by place.
  public private(set) var losses: [LossPlace: Int] = [:]
  /// Anomalies by kind.
  public private(set) var anomalies: [Anomaly: UInt64] = [:]
  /// Probes that this host's kernel said it dropped, by the place where they were lost and the reason; those that were refused
  /// at once were lost in the egress.
  public private(set) var drops: [TracedDrop: Int] = [:]
  /// Of those blocked: probes for which a queue of this host had no room.
  public private(set) var refusedForRoom = 0
  /// Round trips of the target's own answers, `open` and `closed`.
  public private(set) var roundTrip: LatencyDistribution
  /// The same in buckets of doubling bounds.
  public private(set) var roundTrips = LatencyHistogram()
  /// Time to live, or hop limit, of the last answer.
  public private(set) var lastHopLimit: UInt8?
  /// Their time in this host's egress.
  public private(set) var egress: LatencyDistribution
  /// Their time in the network.
  public private(set) var network: LatencyDistribution
  /// Their time in this host's ingress.
  public private(set) var ingress: LatencyDistribution
  /// Which of the four stamps were ever seen on an answer.
  public private(set) var seenStamps = SeenStamps()

  /// Which of the four stamps were ever seen.
  public struct SeenStamps: Hashable, Sendable {
    /// TX_SCHED.
    public var queued = false
    /// TX_SOFTWARE.
    public var sent = false
    /// The capture's.
    public var received = false
    /// The raw socket's receive stamp.
    public var delivered = false
    /// The kernel's round trip of a handshake of its own.
    public var handshake = false
  }

  /// Nothing yet; of each distribution so many values are kept exactly.
  public init(exactLimit: Int = LatencyDistribution.usualExactLimit) {
    roundTrip = LatencyDistribution(exactLimit: exactLimit)
    egress = roundTrip
    network = roundTrip
    ingress = roundTrip
  }

  /// Probes that ended: the sum of the outcomes, by construction.
  public var attempted: Int { outcomes.values.reduce(0, +) }

  /// Probes with this outcome.
  public func count(_ kind: ProbeOutcome.Kind) -> Int { outcomes[kind, default: 0] }

  /// Lost probes over those that were waited for; its `count` says how many these are.
  public private(set) var loss = WaitedShare()

  /// Adds a probe that ended.
  public mutating func add(_ result: ProbeResult) {
    outcomes[result.outcome.kind, default: 0] += 1
    if case .lost(let place) = result.outcome { losses[place, default: 0] += 1 }
    if let drop = result.drop, let place = result.outcome.lossPlace {
      drops[TracedDrop(place: place, reason: drop), default: 0] += 1
    }
    if case .blocked(let failure) = result.outcome, failure.isQueueFull { refusedForRoom += 1 }
    let kind = result.outcome.kind
    loss.add(result.request.sequence, kind == .cancelled ? nil : kind == .lost)
    seenStamps.add(result.observation)
    lastHopLimit = result.reply?.hopLimit ?? lastHopLimit
    guard result.outcome.isAnswer else { return }
    add(result.observation.roundTrip, to: \.roundTrip)
    if let roundTrip = result.observation.roundTrip { roundTrips.add(roundTrip) }
    add(result.observation.egress, to: \.egress)
    add(result.observation.network, to: \.network)
    add(result.observation.ingress, to: \.ingress)
  }

  /// Adds what was seen beside the outcomes.
  public mutating func add(_ report: AnomalyReport) {
    anomalies[report.kind, default: 0] &+= report.count
  }

  private mutating func add(_ value: Duration?, to path: WritableKeyPath<Self, LatencyDistribution>) {
    if let value { self[keyPath: path].add(value) }
  }
}

extension SeriesStatistics.SeenStamps {
  fileprivate mutating func add(_ observation: Observation) {
    queued = queued || observation.queued != nil
    sent = sent || observation.sent != nil
    received = received || observation.received != nil
    delivered = delivered || observation.delivered != nil
    handshake = handshake || observation.handshake != nil
  }
}
