internal import SynCore
internal import SynPeers
internal import SynProbe
internal import SynSystem
internal import SynWire

/// Sends the probes of the hping3 drop-in: one series, or in a traceroute a series of one probe for each.
struct HpingSender {
  /// An event of a series.
  struct Message: Sendable {
    let event: ProbeEvent
    /// The series: in a traceroute the number of its one probe, else 0.
    let series: Int
    /// In a traceroute the TTL of its one probe.
    let hopLimit: UInt8?

    /// The number that a probe of the series has in the run.
    func number(_ sequence: Int) -> Int { hopLimit == nil ? sequence : series }
  }

  private let plan: HpingPlan
  private let target: Endpoint
  private let session: ProbeSession
  private var walk: HopWalk?
  /// In a traceroute the TTL of each series.
  private var hopLimits: [UInt8?] = []
  private var sent = 0
  /// When the next probe of a traceroute is due; nil after the last.
  private(set) var due: MonotonicInstant?

  init(_ plan: HpingPlan, _ target: Endpoint, _ session: ProbeSession) {
    self.plan = plan
    self.target = target
    self.session = session
    if let first = plan.firstHop {
      walk = HopWalk(from: first, stopsAtAnswer: plan.stopsAtAnswer)
      due = SystemClock.now()
    } else {
      start(count: plan.count, hopLimit: nil)
    }
  }

  /// Whether a probe is under way or to come.
  var isRunning: Bool { session.isRunning || due != nil }

  /// An event of the session, with the number that its probe has in the run.
  func message(_ event: ProbeSession.Event) -> Message {
    Message(event: event.event, series: event.index, hopLimit: hopLimits[event.index])
  }

  /// Starts the probe of a traceroute that is due.
  mutating func send(at now: MonotonicInstant) {
    guard let moment = due, moment <= now, let walk else { return }
    start(count: 1, hopLimit: walk.hopLimit)
    sent += 1
    due = sent == plan.count ? nil : max(moment.advanced(by: plan.interval), now)
  }

  /// Takes how a probe of a traceroute ended; its TTL where it found a new hop.
  mutating func ended(_ result: ProbeResult, hopLimit: UInt8?) -> UInt8? {
    guard let hopLimit, let isHop = walk?.ended(result.outcome, hopLimit: hopLimit) else { return nil }
    if walk?.isOver == true { cancel() }
    return isHop ? hopLimit : nil
  }

  /// Sends nothing more: what is under way ends as cancelled.
  mutating func cancel() {
    due = nil
    session.cancel()
  }

  private mutating func start(count: Int?, hopLimit: UInt8?) {
    hopLimits.append(hopLimit)
    session.start(
      SeriesPlan(
        target: target, count: count, interval: plan.interval, timeout: plan.timeout, hopLimit: hopLimit,
        isEven: true))
  }
}
