internal import SynWire

/// What a trace sends: along each path SYNs of every hop limit, several times.
public struct TracePlan: Hashable, Sendable {
  /// Source ports of one trace, at most.
  package static let mostPaths = 16
  /// Probes for each hop and path, at most.
  package static let mostQueries = 100
  /// How long an answer counts where nothing else is asked for.
  package static let usualTimeout = Duration.seconds(1)

  /// How many source ports: routers that choose by them send each its own way.
  public var paths: Int
  /// Probes for each hop and path.
  public var probes: Int
  /// The greatest hop limit.
  public var mostHops: UInt8

  /// A trace along some paths; each number is 1 at least.
  public init(paths: Int = 1, probes: Int = 3, mostHops: UInt8 = 30) {
    self.paths = max(paths, 1)
    self.probes = max(probes, 1)
    self.mostHops = max(mostHops, 1)
  }

  /// As many SYNs are sent at most.
  public var mostProbes: Int { paths * probes * Int(mostHops) }

  /// As long it takes at most.
  public func longest(timeout: Duration) -> Duration {
    timeout + TracePacer.patience(self, timeout) * (probes - 1) + TracePacer.spacing * mostProbes
  }
}

/// Says which SYN of a trace leaves when: all hop limits are in flight at once.
///
/// In rounds of one SYN for each hop and path. A round begins when the target has answered the one before on every path, so
/// that it is not asked again while it holds a half-open connection, or an eighth of the timeout after it; the waits of more
/// than three rounds are a quarter of the timeout together. Nothing is sent beyond a target that has answered, and what was
/// is not waited for.
public struct TracePacer: Sendable {
  /// One SYN.
  public struct Probe: Hashable, Sendable {
    /// Its number within the series.
    public let sequence: Int
    /// The source port.
    public let localPort: UInt16
    /// How many routers may pass it on.
    public let hopLimit: UInt8

    /// Joins the fields.
    public init(sequence: Int, localPort: UInt16, hopLimit: UInt8) {
      self.sequence = sequence
      self.localPort = localPort
      self.hopLimit = hopLimit
    }
  }

  /// The source ports of the paths.
  public let ports: [UInt16]
  private let plan: TracePlan
  private let timeout: Duration
  /// The least hop limit with which each path came to its end.
  private var ends: [UInt16: UInt8] = [:]
  /// The paths that came to their end in this round.
  private var answered: Set<UInt16> = []
  /// The number of this round's first SYN.
  private var roundFirst = 0
  /// What is in flight.
  private var outstanding: [Int: Probe] = [:]
  private var round = 0
  private var next = (hop: 1, path: 0)
  private var sequence = 0
  private var due: MonotonicInstant
  private var roundBegan: MonotonicInstant

  /// Time between two SYNs: none overtakes another, and a short queue is not full.
  fileprivate static let spacing = Duration.microseconds(200)
  /// So long a round waits for the one before.
  fileprivate static func patience(_ plan: TracePlan, _ timeout: Duration) -> Duration {
    timeout / max(8, 4 * (plan.probes - 1))
  }

  /// Starts at `now`, with a port for each path.
  public init(_ plan: TracePlan, ports: [UInt16], timeout: Duration, at now: MonotonicInstant) {
    self.plan = plan
    self.ports = ports
    self.timeout = timeout
    due = now
    roundBegan = now
  }

  /// When there is something to send, if nothing comes; nil when all was sent.
  public var moment: MonotonicInstant? {
    if hasProbe { return due }
    return round + 1 < plan.probes ? nextRound : nil
  }

  /// Whether all was sent, and what is not answered yet was to go beyond the end of its path.
  public var isOver: Bool {
    moment == nil
      && outstanding.values.allSatisfy { probe in ends[probe.localPort].map { probe.hopLimit > $0 } ?? false }
  }

  /// The next SYN that is due at `now`.
  public mutating func take(at now: MonotonicInstant) -> Probe? {
    if !hasProbe, round + 1 < plan.probes, now >= nextRound {
      round += 1
      (roundFirst, answered) = (sequence, [])
      next = (1, 0)
      roundBegan = now
      due = now
    }
    skipBeyondEnds()
    guard hasProbe, due <= now else { return nil }
    let probe = Probe(sequence: sequence, localPort: ports[next.path], hopLimit: UInt8(next.hop))
    outstanding[sequence] = probe
    sequence += 1
    due = max(due.advanced(by: TracePacer.spacing), now)
    step()
    skipBeyondEnds()
    return probe
  }

  /// A SYN has ended: the target's answer, or an error of another kind than a used-up hop limit, is the end of its path.
  public mutating func add(_ result: ProbeResult) {
    guard let probe = outstanding.removeValue(forKey: result.request.sequence), result.outcome.endsPath else { return }
    ends[probe.localPort] = min(ends[probe.localPort] ?? .max, probe.hopLimit)
    if probe.sequence >= roundFirst { answered.insert(probe.localPort) }
  }

  private var hasProbe: Bool { !ports.isEmpty && next.hop <= Int(plan.mostHops) }

  private var nextRound: MonotonicInstant {
    answered.count == ports.count ? due : roundBegan.advanced(by: TracePacer.patience(plan, timeout))
  }

  private mutating func step() {
    next.path += 1
    if next.path == ports.count { next = (next.hop + 1, 0) }
  }

  private mutating func skipBeyondEnds() {
    while hasProbe, let end = ends[ports[next.path]], next.hop > Int(end) { step() }
  }
}

extension ProbeOutcome {
  /// Whether it says that the SYN of a trace came to the end of its path.
  public var endsPath: Bool {
    switch self {
    case .open, .closed: true
    case .filtered(let error): !error.isTimeExceeded
    case .lost, .blocked, .unexpected, .cancelled: false
    }
  }
}
