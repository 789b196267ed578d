public import SynCore
internal import SynSystem
public import SynVerdict
public import SynWire

/// What is known of one target: the events of its series, gathered.
public struct Measurement: Sendable {
  /// The target as the user wrote it.
  public let input: String
  /// How it was probed: `syn` or `connect`.
  public let mode: ProbeMode
  /// The address and port that were probed.
  public let target: Endpoint
  /// When the measurement began, on the realtime clock.
  public let startedAt: KernelTimestamp
  /// The same moment on the monotonic clock, which no administrator steps.
  public let began: MonotonicInstant
  /// The way that the first probe took.
  public var path: ProbeEvent.Path? { paths.first }
  /// Every way that a probe took, in the order of their first use; at most `mostPaths`.
  public private(set) var paths: [ProbeEvent.Path] = []
  private static let mostPaths = 64
  /// Counts and distributions.
  public private(set) var statistics: SeriesStatistics
  /// Every probe that ended, in the order of their numbers; empty unless they are kept.
  public private(set) var probes = KeptProbes()
  /// Round trips of answers after the timeout, by probe number.
  public private(set) var lateRoundTrips: [Int: Duration] = [:]
  /// Why nothing could be sent.
  public private(set) var failure: ProberError?
  /// How many probes were asked for; nil where there is no such number.
  public let requested: Int?
  /// What tells which way probes were lost; nil where that is not asked for.
  public private(set) var trail: LossTrail?
  /// Which run of this host `began` is of; nil, or empty, where that is not known.
  package let boot: String?
  /// What the target's clock told.
  public private(set) var clock: ClockLog
  /// What tells whether the target's listener answers.
  private var listenerTrail = ListenerTrail()
  /// By how much this host's counters of dropped packets have grown.
  private var drops: [DropCounter: UInt64] = [:]
  private let keepsProbes: Bool

  /// Whether the target's listener answers, or its host at another port; nil where it never fell silent, or no other port
  /// was asked.
  public var listener: ListenerReading? { ListenerReading(listenerTrail, port: target.port) }

  /// Begins with nothing.
  public init(
    input: String, target: Endpoint, mode: ProbeMode, startedAt: KernelTimestamp,
    began: MonotonicInstant, requested: Int? = nil, keepsProbes: Bool, tellsDirection: Bool = false,
    exactLimit: Int = LatencyDistribution.usualExactLimit, boot: String? = nil
  ) {
    self.boot = boot ?? SystemClock.boot
    self.input = input
    self.mode = mode
    self.target = target
    self.startedAt = startedAt
    self.began = began
    self.requested = requested
    self.keepsProbes = keepsProbes
    statistics = SeriesStatistics(exactLimit: exactLimit)
    clock = ClockLog(realtime: startedAt, monotonic: began)
    if tellsDirection { trail = LossTrail(isByKernel: mode == .connect) }
  }

  /// What in this host may have dropped probes, as far as its counters tell, those first that agree.
  public var dropEvidence: [DropEvidence] {
    DropEvidence.find(statistics, growth: drops, isWithinHost: paths.contains { $0.isWithinHost })
  }

  /// Which way probes were lost, as far as it is known at a moment.
  /// - Parameter moment: Until when was listened, on the monotonic clock.
  /// - Returns: What the target's repetitions tell; nil where that was not asked for.
  public func direction(at moment: MonotonicInstant) -> DirectionReading? {
    trail.map { DirectionReading($0, heardUntil: moment, listener: listener) }
  }

  /// Adds an event of the series.
  public mutating func add(_ event: ProbeEvent) {
    trail?.add(event)
    listenerTrail.add(event)
    if keepsProbes { clock.add(event) }
    switch event {
    case .started(let path): paths = path.map { [$0] } ?? []
    case .path(let path):
      if paths.count < Measurement.mostPaths, !paths.contains(path) { paths.append(path) }
    case .probe(let result):
      statistics.add(result)
      if keepsProbes { probes.insert(result) }
    case .report(let report):
      statistics.add(report)
      if keepsProbes, let sequence = report.sequence, let late = report.roundTrip { lateRoundTrips[sequence] = late }
    case .failed(let error): failure = error
    case .dropped(let growth): drops = growth
    case .witness, .sibling, .train, .noTrains, .packet, .ended: break
    }
  }
}

extension SeriesPlan {
  /// Ports to be asked when a target's own falls silent: the one that was chosen, or some that hardly anybody listens on, its
  /// neighbours and reserved ones.
  package static func siblings(of port: UInt16, chosen: UInt16?) -> [UInt16] {
    if let chosen { return [chosen] }
    let neighbours = [port &- 1, port &+ 1].filter { $0 > 1 && $0 < 65_535 }
    return (neighbours + [1, 9, 47, 1_023, 49_151, 65_535]).filter { $0 != port }
  }
}

extension SeriesPlan.Listening {
  /// What tells which way a probe was lost.
  package static let forDirection = SeriesPlan.Listening(time: LossTrail.listening, memory: LossTrail.memory)
}
