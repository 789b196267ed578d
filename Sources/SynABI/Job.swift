internal import SynCore
internal import SynIO
internal import SynProbe
internal import SynVerify
internal import Synchronization

/// A series, or a verification, that goes on in the prober's thread and is looked at by whoever polls.
final class Job: Sendable {
  /// What a poll finds.
  enum Outcome: Sendable {
    case json(String)
    case failed(ProberError)
  }

  /// Either of the two is there.
  fileprivate struct State: Sendable {
    var measurement: Measurement?
    var verification: Verification?
    /// Kept until a buffer is large enough for it.
    var outcome: Outcome?
  }

  private let prober: Prober
  private let mailbox: Mailbox<VerifyEvent>
  private let series: [SeriesID]
  private let state: Mutex<State>

  /// Starts a series.
  init(_ prober: Prober, ping plan: SeriesPlan, input: String) throws(SynIOError) {
    let mailbox = try Mailbox<VerifyEvent>()
    (self.prober, self.mailbox) = (prober, mailbox)
    let measurement = Measurement(
      input: input, target: plan.target, mode: prober.mode, startedAt: SystemClock.realtime(),
      began: SystemClock.now(), keepsProbes: true)
    state = Mutex(State(measurement: measurement))
    series = [prober.start(plan) { mailbox.put(VerifyEvent(side: .target, event: $0)) }]
  }

  /// Starts a verification.
  init(_ prober: Prober, verify plan: VerifyPlan) throws(SynIOError) {
    let mailbox = try Mailbox<VerifyEvent>()
    (self.prober, self.mailbox) = (prober, mailbox)
    state = Mutex(State(verification: prober.verification(of: plan)))
    series = prober.start(plan) { mailbox.put($0) }
  }

  /// Ends what goes on; what is known is still to be had.
  func cancel() {
    for id in series { prober.cancel(id) }
  }

  /// Waits until there is an outcome, the deadline, or a signal; nil when there is none then.
  func outcome(until deadline: MonotonicInstant?) -> Outcome? {
    while true {
      if let outcome = look() { return outcome }
      guard Waiting.wait(for: [mailbox.descriptor], until: deadline) else { return look() }
    }
  }

  /// Takes the events that have come, and works out the outcome once there are all.
  private func look() -> Outcome? {
    state.withLock { state in
      guard state.outcome == nil else { return state.outcome }
      for message in mailbox.takeAll() {
        let now = SystemClock.now()
        state.measurement?.add(message.event)
        state.verification?.add(message.event, of: message.side, at: now)
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
    guard let verification, !verification.isRunning else { return nil }
    if let failure = verification.failure { return .failed(failure) }
    return .json(verification.report().json)
  }
}
