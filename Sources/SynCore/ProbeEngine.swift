/// Decides which SYN to send, which reply answers it, and when to give up.
///
/// The engine performs no I/O, reads no clock and draws no random number. The same events in the same order always
/// produce the same actions. Its rules:
///
/// 1. *Four stamps, one clock.* `queued` and `sent` are the kernel's on the way out, `received` the capture's,
///    `delivered` the raw socket's. A stamp that is missing is absent in the result, never invented.
/// 2. *A reply is ours* when its destination port is the probe's and it acknowledges the probe: SYN-ACK with
///    ack = ISN + 1; RST with ACK and ack ∈ {ISN, ISN + 1}; ICMP when the quoted port and sequence number are the
///    probe's. *As delivered*, after this host's own address translation, it comes from the target, or a connect() would
///    refuse it: then it is a stranger's. The capture is before translation: there the source does not count.
/// 3. *The first reply decides*, and a probe is `open` when it was delivered. Later copies are `duplicates`, the
///    target's own repetitions `retransmissions`, answers after the timeout `late`, everything else `unmatched`. An ICMP
///    error that ends no handshake is noted, and decides nothing.
/// 4. *The target's repetition is no answer*: a SYN-ACK that was lost and came again after the target's timer would
///    show the loss as latency.
/// 5. *A probe ends only in `advance`*, after whatever the kernel holds was handed in. A reply that waits in a buffer
///    is never a loss.
/// 6. *What this host lost itself is not the network's*: a loss in a window with capture drops is at `unknown`.
/// 7. *No time across a step of the clock*: such a probe keeps its outcome and has no stamps.
public struct ProbeEngine: ~Copyable {
  /// How long after its end a probe is remembered, to tell late answers from unmatched ones: Linux repeats a SYN-ACK
  /// for the third time after 7 s.
  public static let grace = Duration.seconds(10)
  /// How long an answered probe waits for stamps that are still on their way.
  public static let settleTime = Duration.milliseconds(20)

  /// How often a probe is sent again from another port.
  public static let mostRepeats: UInt8 = 4

  /// Totals over the engine's life.
  public internal(set) var counters = EngineCounters()

  var table = InFlightTable()
  var histories = KeyedSlab<SeriesID, SeriesHistory>(fresh: SeriesHistory())
  var deadlines = DeadlineQueue()
  var settling = DeadlineQueue()
  var memories = DeadlineQueue()
  /// Probes that something happened to since the last `advance`.
  var touched: [ProbeID] = []
  /// Those of them that are being looked at: empty but in `advance`.
  var judged: [ProbeID] = []
  /// Probes whose SYN was held, and nobody has said by what.
  var unexplained: [ProbeID] = []
  var clock = ClockWatch()
  /// The newest probe that a step of the clock fell upon: it and all before it have no times.
  var clockSuspect: ProbeID?
  /// The newest probe in whose time this host lost packets of its own: it and all before it have no place.
  var captureSuspect: ProbeID?
  var now: MonotonicInstant
  private var actions: [ProbeAction] = []
  private var nextActionIndex = 0
  private var nextID: UInt64

  /// Starts with nothing in flight, at `now`; `firstID` numbers the first probe.
  public init(at now: MonotonicInstant, firstID: UInt64 = 0) {
    self.now = now
    nextID = firstID
  }

  /// The number that the next submitted probe gets: its identity is derived from it.
  public var upcomingID: ProbeID { ProbeID(nextID) }

  /// The newest probe's number, or nil before the first.
  public var newestID: ProbeID? { nextID == 0 ? nil : ProbeID(nextID - 1) }

  /// Probes submitted and without an outcome.
  public var inFlight: Int { Int(counters.attempted - counters.completed) }

  /// Takes the next action; call until nil after any event.
  public mutating func nextAction() -> ProbeAction? {
    guard nextActionIndex < actions.count else {
      actions.removeAll(keepingCapacity: true)
      nextActionIndex = 0
      return nil
    }
    nextActionIndex += 1
    return actions[nextActionIndex - 1]
  }

  /// When `advance` has something to do, if nothing else happens; any event may change it.
  public mutating func nextDeadline() -> MonotonicInstant? {
    let timeout = deadlines.next(in: table)
    let settled = settling.next(in: table)
    return .soonest(timeout, settled)
  }

  /// Whether the clock was stepped after this probe was submitted.
  func isClockSuspect(_ id: ProbeID) -> Bool { clockSuspect.map { id <= $0 } ?? false }

  /// Whether this host lost packets of its own after this probe was submitted.
  func isCaptureSuspect(_ id: ProbeID) -> Bool { captureSuspect.map { id <= $0 } ?? false }

  mutating func emit(_ action: ProbeAction) {
    actions.append(action)
  }

  mutating func report(_ report: AnomalyReport) {
    counters.add(report)
    emit(.report(report))
  }

  mutating func takeID() -> ProbeID {
    defer { nextID += 1 }
    return ProbeID(nextID)
  }
}
