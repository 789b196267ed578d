public import SynCore

/// What one probe tells a verdict; times in nanoseconds, absent where a stamp is.
public struct Sample: Hashable, Sendable {
  /// How the probe ended.
  public var outcome: ProbeOutcome.Kind
  /// Where it was lost.
  public var place: LossPlace?
  /// The round trip of an answer.
  public var roundTrip: Int64?
  /// Its part in this host's egress.
  public var egress: Int64?
  /// Its part in the network.
  public var network: Int64?
  /// Its part in this host's ingress.
  public var ingress: Int64?
  /// The network made a copy of the answer.
  public var isCopied = false
  /// The answer to a later probe came first.
  public var isOvertaken = false
  /// The reply was damaged on the way.
  public var isDamaged = false
  /// A valid answer came after the timeout.
  public var isLate = false
  /// This host had no room for it: its own limit, no fault of the network.
  public var isOwnShortage = false

  /// A probe that ended so, and of which nothing more is known.
  public init(_ outcome: ProbeOutcome.Kind) {
    self.outcome = outcome
  }

  /// Takes what a probe's result tells.
  public init(_ result: ProbeResult, isOwnShortage: Bool) {
    outcome = result.outcome.kind
    if case .lost(let place) = result.outcome { self.place = place }
    if result.outcome.isAnswer { roundTrip = result.observation.roundTrip?.nanoseconds }
    egress = result.observation.egress?.nanoseconds
    network = result.observation.network?.nanoseconds
    ingress = result.observation.ingress?.nanoseconds
    self.isOwnShortage = isOwnShortage
  }

  /// Whether the target itself answered in time.
  public var isAnswer: Bool { outcome.isAnswer }

  /// Its time in one segment.
  public func time(in segment: Segment) -> Int64? {
    switch segment {
    case .egress: egress
    case .network: network
    case .ingress: ingress
    }
  }
}

/// The probes of one target, in their order and without a gap: up to the first that has not ended.
///
/// With a gap it would lie: answers end at once and losses only at their timeout.
public struct Evidence: Hashable, Sendable {
  /// The probes; those that were cancelled say nothing and are left out.
  public var samples: [Sample]
  /// Packets that this host's own buffers lost meanwhile.
  public var captureDrops: UInt64
  /// Steps of the realtime clock meanwhile.
  public var clockSteps: UInt64

  /// Joins the fields.
  public init(_ samples: [Sample] = [], captureDrops: UInt64 = 0, clockSteps: UInt64 = 0) {
    self.samples = samples.filter { $0.outcome != .cancelled }
    self.captureDrops = captureDrops
    self.clockSteps = clockSteps
  }

  /// The target's own answers.
  var answers: [Sample] { samples.filter(\.isAnswer) }

  /// One time of each answer, in the order of the probes.
  func times(_ time: (Sample) -> Int64?) -> Times { Times(answers.map(time)) }

  /// The round trips.
  var roundTrips: Times { times(\.roundTrip) }
}

/// Times of answers, some of which nobody could measure.
struct Times {
  /// In the order of the probes.
  let values: [Int64]
  let sorted: [Int64]
  /// Answers whose time is unknown.
  let missing: Int

  init(_ times: [Int64?]) {
    values = times.compactMap { $0 }
    sorted = values.sorted()
    missing = times.count - values.count
  }

  /// The value at or below which this ratio of them lies: the estimate of a quantile.
  func quantile(_ ratio: Double) -> Int64? {
    guard !sorted.isEmpty else { return nil }
    return sorted[min(Int(ratio * Double(sorted.count)), sorted.count - 1)]
  }

  /// Where the quantile may lie.
  func interval(_ ratio: Double, by mixture: BinomialMixture, dependence stated: Double) -> OpenInterval<Int64> {
    guard let estimate = quantile(ratio) else { return OpenInterval(lower: nil, upper: nil) }
    let dependence = max(stated, SerialDependence.effect(values.map { $0 <= estimate }))
    return QuantileInterval.interval(of: sorted, ratio, by: mixture, missing: missing, dependence: dependence)
  }

  /// Where the quantile may lie, looked at once: the sample's size was fixed before (a saved baseline).
  func exactInterval(_ ratio: Double, confidence: Double) -> OpenInterval<Int64> {
    let total = sorted.count + missing
    let isCredible = { (count: Int) in
      BinomialInterval.interval(successes: Double(count), of: Double(total), confidence: confidence).contains(ratio)
    }
    guard total > 0, let least = (0...total).first(where: isCredible), let most = (0...total).last(where: isCredible)
    else { return OpenInterval(lower: nil, upper: nil) }
    return OpenInterval(
      lower: least > missing ? sorted[least - missing - 1] : nil, upper: most < sorted.count ? sorted[most] : nil)
  }
}
