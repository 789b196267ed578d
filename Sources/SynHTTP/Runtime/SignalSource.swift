internal import SynCore
package import SynSystem

/// The signals of the process, taken on a thread other than the one that blocked them.
package final class SignalSource: Sendable {
  private let signals: TerminationSignals

  /// Takes over what was opened on the first thread, while there was no other.
  package init(_ signals: consuming TerminationSignals) { self.signals = signals }

  /// The next signal; nil at the deadline.
  func next(until deadline: MonotonicInstant?) -> TerminationSignals.Request? {
    while true {
      if let request = signals.next() { return request }
      if let deadline, SystemClock.now() >= deadline { return nil }
      Waiting.wait(for: [signals.rawValue], until: deadline)
    }
  }
}
