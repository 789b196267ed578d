package import SynCore
public import SynProbe
public import SynVerdict
internal import SynWire

/// What is to be identified, and how long it is measured.
public struct IdentifyPlan: Sendable {
  /// Whom it is about.
  public var target: VerifyPlan.Host
  /// The state without the fault.
  public var baseline: SavedBaseline
  /// Probes at most.
  public var mostProbes = IdentifyPlan.usualMostProbes
  /// Time between the starts of two probes.
  public var interval = IdentifyPlan.usualInterval
  /// How long an answer counts.
  public var timeout = Duration.seconds(2)
  /// How long it takes at most.
  public var longest = VerifyPlan.usualLongest

  /// Probes at most where it is not said.
  public static let usualMostProbes = 1000
  /// Time between two probes where none is asked for.
  public static let usualInterval = Duration.milliseconds(10)

  /// Begins with the defaults.
  public init(target: VerifyPlan.Host, baseline: SavedBaseline) {
    self.target = target
    self.baseline = baseline
  }

  /// With so many rounds of trains a width has an interval, though some are disturbed.
  private static let mostRounds = 24

  /// Fewer rounds where so few probes are allowed that nothing is told from them anyhow.
  private var rounds: Int {
    let needed = NetemIdentification.fewestProbes
    return max(IdentifyPlan.mostRounds * min(mostProbes, needed) / needed, 1)
  }

  private static let longestTrains = Duration.seconds(15)

  /// A third of the time is for the trains at most.
  private var trainTime: Duration { min(IdentifyPlan.longestTrains, longest / 3) }

  /// What is left for probes: a train that nobody answers is waited for, and the wait behind the last probe ends within the
  /// longest time.
  private var room: Duration { longest - trainTime - timeout - max(timeout, LossTrail.listening) }

  /// Whether there is time for any.
  package var hasRoom: Bool { room > .zero }

  package var count: Int {
    let fitting = max(room.nanoseconds, 0) / max(interval.nanoseconds, 1)
    return max(Int(clamping: min(fitting, Int64(mostProbes))), 1)
  }

  /// The source ports at which the baseline knows the target's clock.
  package var baselinePorts: [UInt16] {
    var seen: Set<UInt16> = []
    return baseline.evidence.clock.map(\.port).filter { seen.insert($0).inserted }
  }

  /// The one series: its trains go ahead of the probes, and behind them it listens for what the target repeats.
  package var series: SeriesPlan {
    var series = SeriesPlan(target: target.endpoint, count: count, interval: interval, timeout: timeout)
    series.listening = .forDirection
    series.trains = TrainPlan(
      rounds: rounds, mostProbes: rounds * TrainPacer.mostOfRound,
      longest: trainTime)
    return series
  }
}

/// A run that finds out which line of netem explains what is seen.
public struct Identification: Sendable {
  /// What is to be found out.
  public let plan: IdentifyPlan
  /// What was measured.
  public private(set) var measurement: Measurement
  private var log: SampleLog
  package private(set) var latest: MonotonicInstant
  /// Whether the series has ended.
  package private(set) var isOver = false

  /// Begins with nothing.
  package init(_ plan: IdentifyPlan, mode: ProbeMode, startedAt: KernelTimestamp, began: MonotonicInstant) {
    self.plan = plan
    measurement = Measurement(
      input: plan.target.input, target: plan.target.endpoint, mode: mode, startedAt: startedAt, began: began,
      requested: plan.count, keepsProbes: false, tellsDirection: true)
    log = SampleLog(tellsDirection: true, mode: mode)
    latest = began
  }

  /// Adds an event of the series.
  package mutating func add(_ event: ProbeEvent, at now: MonotonicInstant) {
    latest = now
    measurement.add(event)
    log.add(event, at: now)
    if case .ended = event { isOver = true }
  }

  /// SYNs of the trains that were sent so far.
  package var trainProbes: Int { log.trainProbes }

  /// Why nothing could be sent; nil when it could.
  package var failure: ProberError? { measurement.failure }

  /// The lines that explain it, or why there are none.
  public var result: NetemIdentification {
    NetemIdentification.find(
      log.evidence(settling: .zero, at: latest, listener: measurement.listener), baseline: plan.baseline.evidence,
      interval: plan.interval.nanoseconds)
  }
}

extension Identification: ProbeReducer {
  package static var maySettle: Bool { false }
  package var isSettled: Bool { false }
  package mutating func add(_ event: ProbeEvent, of index: Int, at now: MonotonicInstant) { add(event, at: now) }
}
