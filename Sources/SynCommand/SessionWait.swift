internal import SynCore
internal import SynProbe
internal import SynSystem

/// Waits for what happens to the probes of a run, and for the signals of who started it.
struct SessionWait {
  private let session: ProbeSession
  private let output: StandardOutput
  private var pace = EventPace()
  private var isStopAsked = false
  /// The signal that ended the run.
  private(set) var interruption: Int32?

  init(_ session: ProbeSession, _ output: StandardOutput) {
    self.session = session
    self.output = output
  }

  /// Whether the user wants the process to be stopped (SIGTSTP); once.
  mutating func takeStop() -> Bool {
    defer { isStopAsked = false }
    return isStopAsked
  }

  /// Waits for events, a signal or the moment.
  /// - Parameters:
  ///   - moment: When to come back though nothing has happened; nil for never.
  ///   - interim: Called when a person asked for a summary so far.
  /// - Returns: What has happened; after a signal the series end, and the rest comes.
  mutating func next(until moment: MonotonicInstant?, interim: () -> Void) -> [ProbeSession.Event] {
    if pace.isFast {
      Waiting.wait(for: [output.signals.rawValue], until: SystemClock.now().advanced(by: EventPace.pause))
    }
    Waiting.wait(for: [output.signals.rawValue, session.descriptor], until: moment)
    switch output.nextRequest() {
    case .end(let signal):
      interruption = signal
      session.cancel()
    case .interim: interim()
    case .stop: isStopAsked = true
    case nil: break
    }
    let events = session.takeEvents()
    pace.took(events.count, at: SystemClock.now())
    return events
  }
}
