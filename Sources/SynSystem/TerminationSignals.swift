internal import CSyn
internal import Glibc

/// The signals that a command answers, read from a descriptor: they come whatever mask the program inherited.
package struct TerminationSignals: ~Copyable, Sendable {
  private let descriptor: FileDescriptor

  /// What a signal asks for.
  package enum Request: Equatable {
    /// End, and print the summary; the exit status is 128 + number.
    case end(signal: Int32)
    /// Print an interim summary.
    case interim
    /// Be stopped (SIGTSTP).
    case stop
  }

  /// Blocks SIGINT, SIGTERM, SIGHUP and SIGQUIT in this thread and reads them from a descriptor from now on; one that
  /// is ignored stays ignored.
  ///
  /// SIGPIPE is blocked with them, so that a closed output is an error of the write; SIGTSTP, where it is answered.
  package init(answersStop: Bool = false) throws(SystemError) {
    let signals = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE] + (answersStop ? [SIGTSTP] : [])
    descriptor = FileDescriptor(try check(csyn_signals_open(signals, signals.count), .openDescriptor, "signalfd"))
  }

  /// Readable when a signal has come.
  package var rawValue: Int32 { descriptor.rawValue }

  /// Takes the next signal; nil when there is none.
  package func next() -> Request? {
    while true {
      switch csyn_signals_next(descriptor.rawValue) {
      case SIGPIPE: continue
      case SIGQUIT: return .interim
      case SIGTSTP: return .stop
      case let signal where signal > 0: return .end(signal: signal)
      default: return nil
      }
    }
  }
}
