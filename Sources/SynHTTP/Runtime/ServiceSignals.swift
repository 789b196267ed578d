internal import Glibc
internal import SynCore
internal import SynSystem

/// Answers the signals of the service, on a thread of its own.
struct ServiceSignals {
  /// How long each stage of the end may take: five seconds in all.
  private enum Patience {
    /// For the probes that run.
    static let probes = Duration.seconds(2)
    /// For everything else.
    static let rest = Duration.milliseconds(2500)
    /// After a second signal.
    static let hurried = Duration.milliseconds(300)
  }

  let slots: ProbeSlots
  let log: ServiceLog
  let reload: @Sendable () -> Void
  /// Closes the listening socket and the idle connections, and lets the others finish.
  let quiesce: @Sendable () -> Void

  /// Starts the thread.
  func start(_ source: SignalSource) throws(SystemError) {
    try WorkerThread.start { run(source) }
  }

  private func run(_ source: SignalSource) {
    while let request = source.next(until: nil) {
      switch request {
      case .end(signal: SIGHUP): reload()
      case .end(let signal): return end(signal, source)
      case .stop: break
      case .interim: log.say("info", "signal", ("message", "SIGQUIT does nothing here"))
      }
    }
  }

  private func end(_ signal: Int32, _ source: SignalSource) {
    log.say("info", "ending", ("signal", "\(signal)"))
    quiesce()
    let isHurried = wait(Patience.probes, source)
    slots.end()
    _ = wait(isHurried ? Patience.hurried : Patience.rest, source)
    // What is still there does not end by itself; the process does.
    log.say("warning", "ended before all connections were")
    log.close()
    _exit(0)
  }

  /// Waits; a second signal ends it early.
  private func wait(_ time: Duration, _ source: SignalSource) -> Bool {
    let deadline = SystemClock.now().advanced(by: time)
    while let request = source.next(until: deadline) {
      if case .end(let signal) = request, signal != SIGHUP { return true }
    }
    return false
  }
}
