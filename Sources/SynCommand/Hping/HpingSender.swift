internal import SynCore
internal import SynIO
internal import SynPeers
internal import SynProbe
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
  private let prober: Prober
  private let mailbox: Mailbox<Message>
  private var walk: HopWalk?
  private var running: [Int: SeriesID] = [:]
  private var sent = 0
  /// When the next probe of a traceroute is due; nil after the last.
  private(set) var due: MonotonicInstant?

  init(_ plan: HpingPlan, _ target: Endpoint, _ prober: Prober, _ mailbox: Mailbox<Message>) {
    self.plan = plan
    self.target = target
    self.prober = prober
    self.mailbox = mailbox
    if let first = plan.firstHop {
      walk = HopWalk(from: first, stopsAtAnswer: plan.stopsAtAnswer)
      due = SystemClock.now()
    } else {
      start(0, count: plan.count, hopLimit: nil)
    }
  }

  /// Readable when something has happened.
  var descriptor: Int32 { mailbox.descriptor }

  /// Whether a probe is under way or to come.
  var isRunning: Bool { !running.isEmpty || due != nil }

  /// What has happened since the last call.
  mutating func takeMessages() -> [Message] {
    let messages = mailbox.takeAll()
    for message in messages {
      if case .ended = message.event { running[message.series] = nil }
    }
    return messages
  }

  /// Starts the probe of a traceroute that is due.
  mutating func send(at now: MonotonicInstant) {
    guard let moment = due, moment <= now, let walk else { return }
    start(sent, count: 1, hopLimit: walk.hopLimit)
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
    for id in running.values { prober.cancel(id) }
  }

  private mutating func start(_ series: Int, count: Int?, hopLimit: UInt8?) {
    let request = SeriesPlan(
      target: target, count: count, interval: plan.interval, timeout: plan.timeout, hopLimit: hopLimit)
    running[series] = prober.start(request) { [mailbox] event in
      mailbox.put(Message(event: event, series: series, hopLimit: hopLimit))
    }
  }
}
