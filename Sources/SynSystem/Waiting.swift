internal import CSyn
internal import Glibc
package import SynCore

/// Descriptors that a thread waits for, kept from one wait to the next.
package struct Waiting: Sendable {
  private var polled: [pollfd]
  /// When the last wait ended, and found ready what it did.
  package private(set) var ended = SystemClock.realtime()

  /// Waits for these to be readable, or in error.
  package init(for descriptors: [Int32]) {
    polled = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
  }

  /// Returns when one of them is ready, at `deadline`, or at the arrival of a signal; nil waits for ever.
  ///
  /// True when one is ready. Signals that were held back arrive meanwhile. Of a thread that is at work (`csyn_work_begin`), this process is forked meanwhile alone.
  @discardableResult
  package mutating func wait(until deadline: MonotonicInstant?, heeding held: HeldSignals? = nil) -> Bool {
    let nanoseconds = deadline.map { max($0.since(SystemClock.now()).nanoseconds, 0) } ?? -1
    defer { ended = SystemClock.realtime() }
    let count = polled.count
    return csyn_wait(&polled, count, nanoseconds, held?.former) > 0
  }

  /// Whether the last wait found the descriptor at this place ready.
  package func isReady(_ index: Int) -> Bool { polled[index].revents != 0 }

  /// One wait for these alone.
  @discardableResult
  package static func wait(
    for descriptors: [Int32], until deadline: MonotonicInstant?, heeding held: HeldSignals? = nil
  ) -> Bool {
    var waiting = Waiting(for: descriptors)
    return waiting.wait(until: deadline, heeding: held)
  }
}

/// Signals of the calling thread that are held back while it works, so that one that comes then ends its next wait.
package struct HeldSignals {
  fileprivate let former: [UInt8]

  /// Holds them back, until they are let go.
  package init() {
    var former = [UInt8](repeating: 0, count: Int(CSYN_SIGNAL_MASK))
    _ = csyn_signals_block_all(&former, former.count)
    self.former = former
  }

  /// The mask is as it was before.
  package func letGo() { csyn_signals_restore(former, former.count) }
}
