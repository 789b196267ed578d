public import SynCore

/// What one probe tells a verdict; times in nanoseconds, absent where a stamp is.
public struct Sample: Hashable, Sendable {
  /// How the probe ended.
  public var outcome: ProbeOutcome.Kind
  /// Where it was lost.
  public var place: LossPlace?
  /// Of a loss in the network: on which way, where that is known.
  public var way: LossWay?
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
    ingress = result.observation.ingressBound?.nanoseconds
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
  /// Whether the kernel carried the probes out (mode connect): no packet was seen, so nothing of copies, damage and order.
  public var isByKernel = false
  /// What the target's clock told; empty where no claim asks for it.
  public var clock: [ClockReading] = []
  /// Why the way of some losses is not known; nil where it is of all, or was not asked for.
  public var undecided: DirectionReading.Reason?

  /// How wide the path is, by the trains that were sent to find out.
  public var rates = PathRates()
  /// Whether no further train will be sent.
  public var areTrainsOver = false
  /// Why none could be.
  public var noTrains: TrainAbsence?

  /// Joins the fields.
  public init(_ samples: [Sample] = [], captureDrops: UInt64 = 0, clockSteps: UInt64 = 0) {
    self.samples = samples.filter { $0.outcome != .cancelled }
    self.captureDrops = captureDrops
    self.clockSteps = clockSteps
  }

  /// What this host did not refuse to send: a trial of the network.
  var sent: [Sample] { samples.filter { $0.outcome != .blocked } }

  /// The target's own answers.
  var answers: [Sample] { samples.filter(\.isAnswer) }

  /// One time of each answer, in the order of the probes.
  ///
  /// Where answers came after the timeout, each lost probe may have been answered as late: their times lie above all
  /// others, and are not left out.
  func times(_ time: (Sample) -> Int64?) -> Times {
    let late = samples.contains(where: \.isLate) ? samples.count { $0.outcome == .lost } : 0
    return Times(answers.map(time), above: late)
  }

  /// The round trips.
  var roundTrips: Times { times(\.roundTrip) }
}
