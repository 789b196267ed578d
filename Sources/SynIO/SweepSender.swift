internal import Glibc
internal import SynCore
internal import SynSystem
internal import SynWire
internal import Synchronization

/// The sockets of a sweep, one a family.
struct SweepSockets: ~Copyable {
  private var v4: SweepSocket
  private var v6: SweepSocket?

  /// What came of some SYNs.
  struct Outcome: Sendable {
    /// So many were sent or refused, the first ones; the one behind them found no room in this host, if `shortage` says so.
    var done = 0
    /// Those of them that were refused, by their places.
    var refused: [(place: Int, failure: SendFailure)] = []
    var shortage: SendFailure?
  }

  /// Opens them.
  /// - Throws: `SystemError` with `isMissingCapability` where CAP_NET_RAW is missing.
  init(_ options: ProberConfiguration) throws(SystemError) {
    v4 = try SweepSocket(.v4, options)
    do throws(SystemError) {
      v6 = try SweepSocket(.v6, options)
    } catch {
      v6 = nil  // A host without IPv6: such a target is refused.
    }
  }

  /// Sends the first of these, those of one family.
  mutating func send(_ departures: ArraySlice<SweepSocket.Departure>) -> Outcome {
    let family = departures.first?.target.address.family
    let alike = departures.prefix { $0.target.address.family == family }
    var outcome = Outcome()
    func note(_ departure: SweepSocket.Departure, _ failure: SendFailure?) {
      if let failure, failure.isShortage { return outcome.shortage = failure }
      if let failure { outcome.refused.append((outcome.done, failure)) }
      outcome.done += 1
    }
    if family == .v4 {
      v4.send(alike, note)
    } else if v6 != nil {
      v6?.send(alike, note)
    } else {
      for departure in alike { note(departure, SendFailure(errno: EAFNOSUPPORT)) }
    }
    return outcome
  }
}

/// Sends SYNs of a sweep on a thread of its own, while the sweep's looks at what comes.
///
/// The kernel's part of a SYN, up to the answer of a near target, takes twice as long as all the rest of a sweep.
final class SweepSender: Sendable {
  private struct Work: ~Copyable {
    var sockets: SweepSockets
    var batch: ArraySlice<SweepSocket.Departure> = []
    var outcome = SweepSockets.Outcome()
    var isOver = false

    mutating func send() { outcome = sockets.send(batch) }
  }

  private let work: Mutex<Work>
  /// Whether a batch is with the thread, which then alone looks at `work`.
  private let isBusy = Atomic(false)
  private let isWanted: WakeDescriptor
  private let isDone: WakeDescriptor

  /// So many are handed over at once, at most.
  static let most = 4 * SweepSocket.most

  /// Opens the sockets and starts the thread.
  /// - Throws: `SystemError` with `isMissingCapability` where CAP_NET_RAW is missing.
  init(_ options: ProberConfiguration) throws(SystemError) {
    work = Mutex(Work(sockets: try SweepSockets(options)))
    isWanted = try WakeDescriptor()
    isDone = try WakeDescriptor()
    try WorkerThread.start { [self] in run() }
  }

  /// Readable when the thread has done a batch.
  var descriptor: Int32 { isDone.rawValue }

  /// Whether the thread is at work.
  var isSending: Bool { isBusy.load(ordering: .acquiring) }

  /// Has these sent; nothing may be under way.
  ///
  /// `outcome` tells what came of them, when nothing is any more.
  func send(_ departures: ArraySlice<SweepSocket.Departure>) {
    work.withLock { $0.batch = departures }
    isBusy.store(true, ordering: .releasing)
    isWanted.signal()
  }

  /// What came of those that were sent last.
  func outcome() -> SweepSockets.Outcome {
    work.withLock { work in
      isDone.clear()
      work.batch = []
      return work.outcome
    }
  }

  /// Ends the thread, when it has done what it was given.
  func end() {
    work.withLock { $0.isOver = true }
    isWanted.signal()
  }

  private func run() {
    while true {
      Waiting.wait(for: [isWanted.rawValue], until: nil)
      isWanted.clear()
      if isSending {
        // The signal and what it stands for come together for whoever asks for the outcome.
        work.withLock { work in
          work.send()
          isBusy.store(false, ordering: .releasing)
          isDone.signal()
        }
      }
      if work.withLock({ $0.isOver }) { return }
    }
  }
}
