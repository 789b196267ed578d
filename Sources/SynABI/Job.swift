internal import SynCore
internal import SynProbe
internal import SynSystem
internal import SynVerify
internal import Synchronization

/// A series, a verification, an identification or a trace that goes on in the prober's thread and is looked at by whoever polls.
final class Job: Sendable {
  /// What a poll finds.
  enum Outcome: Sendable {
    case json(String)
    case failed(ProberError)
  }

  private struct State: Sendable {
    var work: any JobWork
    /// Kept until a buffer is large enough for it.
    var outcome: Outcome?
  }

  private let session: ProbeSession
  private let state: Mutex<State>

  /// Starts a series.
  init(_ prober: Prober, ping plan: SeriesPlan, input: String) throws(SystemError) {
    let moment = SystemClock.moment()
    let measurement = Measurement(
      input: input, target: plan.target, mode: prober.mode, startedAt: moment.realtime,
      began: moment.monotonic, requested: plan.count, keepsProbes: true,
      tellsDirection: plan.listening != nil)
    state = Mutex(State(work: measurement))
    session = try ProbeSession(prober, [plan])
  }

  /// Starts a verification.
  init(_ prober: Prober, verify plan: VerifyPlan) throws(SystemError) {
    state = Mutex(State(work: prober.verification(of: plan)))
    session = try ProbeSession(prober, plan.allSeries)
  }

  /// Starts an identification.
  init(_ prober: Prober, identify plan: IdentifyPlan) throws(SystemError) {
    state = Mutex(State(work: prober.identification(of: plan)))
    session = try ProbeSession(prober, [plan.series])
  }

  /// Starts a trace.
  init(_ prober: Prober, trace plan: SeriesPlan, _ measurement: TraceMeasurement) throws(SystemError) {
    state = Mutex(State(work: measurement))
    session = try ProbeSession(prober, [plan])
  }

  /// Ends what goes on; what is known is still to be had.
  func cancel() {
    session.cancel()
  }

  /// Waits until there is an outcome, the deadline, or a signal; nil when there is none then.
  func outcome(until deadline: MonotonicInstant?) -> Outcome? {
    // A signal that comes while events are looked at ends the wait behind it.
    let signals = HeldSignals()
    defer { signals.letGo() }
    while true {
      if let outcome = look() { return outcome }
      guard Waiting.wait(for: [session.descriptor], until: deadline, heeding: signals) else { return look() }
    }
  }

  /// Takes the events that have come, and works out the outcome once there are all.
  private func look() -> Outcome? {
    state.withLock { state in
      guard state.outcome == nil else { return state.outcome }
      for message in session.takeEvents() {
        let now = SystemClock.now()
        state.work.add(message.event, of: message.index, at: now)
        if state.work.isSettled { cancel() }
        if case .ended = message.event { state.outcome = state.work.outcome(at: now) }
      }
      return state.outcome
    }
  }
}
