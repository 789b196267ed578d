public import SynCore
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
  private let keepsProbes: Bool

  /// Begins with nothing.
  public init(
    input: String, target: Endpoint, mode: ProbeMode, startedAt: KernelTimestamp,
    began: MonotonicInstant, requested: Int? = nil, keepsProbes: Bool,
    exactLimit: Int = LatencyDistribution.usualExactLimit
  ) {
    self.input = input
    self.mode = mode
    self.target = target
    self.startedAt = startedAt
    self.began = began
    self.requested = requested
    self.keepsProbes = keepsProbes
    statistics = SeriesStatistics(exactLimit: exactLimit)
  }

  /// Adds an event of the series.
  public mutating func add(_ event: ProbeEvent) {
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
    case .ended: break
    }
  }
}
