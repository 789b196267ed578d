internal import SynCore
internal import SynProbe
internal import SynSystem
internal import SynVerify
internal import Synchronization

/// A series, a verification or an identification that goes on in the prober's thread and is looked at by whoever polls.
final class Job: Sendable {
  /// What a poll finds.
  enum Outcome: Sendable {
    case json(String)
    case failed(ProberError)
  }

  /// One of the three is there.
  fileprivate struct State: Sendable {
    var measurement: Measurement?
    var verification: Verification?
    var identification: Identification?
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
    state = Mutex(State(measurement: measurement))
    session = try ProbeSession(prober, [plan])
  }

  /// Starts a verification.
  init(_ prober: Prober, verify plan: VerifyPlan) throws(SystemError) {
    state = Mutex(State(verification: prober.verification(of: plan)))
    session = try ProbeSession(prober, plan.allSeries)
  }

  /// Starts an identification.
  init(_ prober: Prober, identify plan: IdentifyPlan) throws(SystemError) {
    state = Mutex(State(identification: prober.identification(of: plan)))
    session = try ProbeSession(prober, [plan.series])
  }

  /// Ends what goes on; what is known is still to be had.
  func cancel() {
    session.cancel()
  }

  /// Waits until there is an outcome, the deadline, or a signal; nil when there is none then.
  func outcome(until deadline: MonotonicInstant?) -> Outcome? {
    while true {
      if let outcome = look() { return outcome }
      guard Waiting.wait(for: [session.descriptor], until: deadline) else { return look() }
    }
  }

  /// Takes the events that have come, and works out the outcome once there are all.
  private func look() -> Outcome? {
    state.withLock { state in
      guard state.outcome == nil else { return state.outcome }
      for message in session.takeEvents() {
        let now = SystemClock.now()
        state.measurement?.add(message.event)
        state.verification?.add(message.event, of: VerifyPlan.Side.allCases[message.index], at: now)
        state.identification?.add(message.event, at: now)
        if state.verification?.isSettled == true { cancel() }
        if case .ended = message.event { state.outcome = state.ended(at: now) }
      }
      return state.outcome
    }
  }
}

extension Job.State {
  /// What has come of it, when nothing goes on any more.
  fileprivate func ended(at now: MonotonicInstant) -> Job.Outcome? {
    if let measurement {
      if let failure = measurement.failure { return .failed(failure) }
      return .json(measurement.report(ended: now, includesProbes: true).json)
    }
    if let identification {
      if let failure = identification.failure { return .failed(failure) }
      return .json(identification.report().json)
    }
    guard let verification, !verification.isRunning else { return nil }
    if let failure = verification.failure { return .failed(failure) }
    return .json(verification.report().json)
  }
}
