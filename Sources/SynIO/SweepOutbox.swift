internal import SynCore
internal import SynSweep
internal import SynSystem

/// The SYNs of a sweep on their way out: few at once are sent here, many by a thread of their own.
struct SweepOutbox: ~Copyable {
  private var sockets: SweepSockets
  private let sender: SweepSender
  /// In the order in which they are to leave.
  private var waiting: [SweepSocket.Departure] = []
  /// So many of them, the first, are with the sender.
  private var handedOver = 0
  /// How far the rounds of the walk had come when so many waited, the first of which have not left yet.
  private var unnoted: (rounds: [UInt64], waiting: Int) = ([], 0)
  /// Until when what waits is held, and since when, because this host had no room.
  private var held = MonotonicInstant(nanoseconds: .min)
  private var heldSince: MonotonicInstant?
  private let timeout: Duration

  /// Of more SYNs at once than this the sender gets some.
  private static let few = 16
  /// With so many that wait this thread sends some of them, whatever the sender does.
  private static let full = SweepSender.most + 2 * SweepSocket.most
  /// What has found no room for the timeout is refused, and while that lasts each next one after this part of it.
  private static let nextPart = 100
  /// A full queue of this host is tried again after this.
  private static let patience = Duration.milliseconds(1)
  /// While the sender is at work, what is due is looked at as often.
  private static let shortest = Duration.microseconds(50)
  /// So long it is waited for the sender in the end.
  private static let lastPatience = Duration.seconds(1)

  /// Opens the sockets and starts the thread.
  /// - Parameters:
  ///   - options: How it sends.
  ///   - timeout: What has found no room for so long is refused, and soon what comes after it.
  /// - Throws: `SystemError` with `isMissingCapability` where CAP_NET_RAW is missing.
  init(_ options: ProberConfiguration, timeout: Duration) throws(SystemError) {
    let own = try SweepSockets(options)
    sender = try SweepSender(options)
    sockets = consume own
    self.timeout = timeout
  }

  deinit { sender.end() }

  /// Whether all have left.
  var isEmpty: Bool { waiting.isEmpty }
  /// Whether enough waits.
  var isFull: Bool { waiting.count >= SweepOutbox.full }
  /// Readable when the sender has done what it was given; nil where it has nothing.
  var descriptor: Int32? { handedOver > 0 ? sender.descriptor : nil }
  /// So many wait that are no repetitions.
  var firstsWaiting: Int { waiting.count { !$0.isAgain } }

  mutating func append(_ departure: SweepSocket.Departure) { waiting.append(departure) }

  /// Until when to wait, where there is something to be asked at `due`.
  func rest(_ now: MonotonicInstant, due: MonotonicInstant) -> MonotonicInstant {
    if waiting.isEmpty { return due }
    // The sender tells when it has done.
    guard handedOver > 0 else { return held }
    return isFull ? now.advanced(by: SweepOutbox.patience) : max(due, now.advanced(by: SweepOutbox.shortest))
  }

  /// Sends what waits, or has it sent.
  ///
  /// - Parameters:
  ///   - now: The time.
  ///   - walk: Hears which of its turns have left.
  ///   - told: Hears of each SYN why it was refused, or that it was sent.
  /// - Returns: False where this host has no room, and the rest is held for a moment, or where enough waits.
  mutating func flush(
    _ now: MonotonicInstant, _ walk: inout SweepWalk, _ told: (SweepSocket.Departure, SendFailure?) -> Void
  ) -> Bool {
    takeOutcome(now, &walk, told)
    if unnoted.waiting == 0, !waiting.isEmpty { unnoted = (walk.rounds, waiting.count) }
    while handedOver < waiting.count {
      guard held <= now else { return false }
      // Where there is no room, no more is under way than is known of.
      if handedOver == 0, heldSince == nil, waiting.count > SweepOutbox.few {
        let batch = waiting.prefix(SweepSender.most)
        handedOver = batch.count
        sender.send(batch)
      } else if handedOver == 0 || isFull {
        note(sockets.send(waiting[handedOver...].prefix(2 * SweepSocket.most)), now, &walk, told)
      } else {
        break
      }
    }
    return !isFull
  }

  /// Waits until what the sender was given has left: nothing else will.
  mutating func finish(_ walk: inout SweepWalk, _ told: (SweepSocket.Departure, SendFailure?) -> Void) {
    let deadline = SystemClock.now().advanced(by: SweepOutbox.lastPatience)
    while sender.isSending, SystemClock.now() < deadline { Waiting.wait(for: [sender.descriptor], until: deadline) }
    takeOutcome(SystemClock.now(), &walk, told)
  }

  /// Takes what the sender has done, if it has.
  private mutating func takeOutcome(
    _ now: MonotonicInstant, _ walk: inout SweepWalk, _ told: (SweepSocket.Departure, SendFailure?) -> Void
  ) {
    guard handedOver > 0, !sender.isSending else { return }
    handedOver = 0
    note(sender.outcome(), now, &walk, told)
  }

  /// Notes what came of the first SYNs that waited and are not with the sender.
  private mutating func note(
    _ outcome: SweepSockets.Outcome, _ now: MonotonicInstant, _ walk: inout SweepWalk,
    _ told: (SweepSocket.Departure, SendFailure?) -> Void
  ) {
    var refusals = outcome.refused[...]
    for place in 0..<outcome.done {
      let failure = refusals.first?.place == place ? refusals.removeFirst().failure : nil
      told(waiting[handedOver + place], failure)
    }
    remove(outcome.done, &walk)
    if outcome.done > 0 { heldSince = nil }
    guard let shortage = outcome.shortage else { return }
    if let since = heldSince, now.since(since) >= timeout {
      told(waiting[handedOver], shortage)
      remove(1, &walk)
      held = now.advanced(by: timeout / SweepOutbox.nextPart)
    } else {
      heldSince = heldSince ?? now
      held = now.advanced(by: SweepOutbox.patience)
    }
  }

  /// Takes out the first SYNs that waited and are not with the sender; the walk hears of it when none is left that waited
  /// before.
  private mutating func remove(_ count: Int, _ walk: inout SweepWalk) {
    waiting.removeSubrange(handedOver..<handedOver + count)
    guard unnoted.waiting > handedOver else { return }
    unnoted.waiting -= min(count, unnoted.waiting - handedOver)
    if unnoted.waiting == 0 { walk.haveLeft(unnoted.rounds, at: SystemClock.now()) }
  }
}
