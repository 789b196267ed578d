public import SynCore
public import SynProbe
internal import SynSystem

extension Prober {
  /// Measures a target until every claim is decided, or a limit is reached.
  /// - Returns: The verification, which is over; its report says the verdict. When the task is cancelled, what was known
  ///   until then.
  /// - Throws: `ProberError` when nothing could be sent.
  public func verify(_ plan: VerifyPlan) async throws(ProberError) -> Verification {
    let verification = await gather(plan.allSeries, into: verification(of: plan))
    if let failure = verification.failure { throw failure }
    return verification
  }

  /// Measures a target and finds the lines of netem that explain what is seen.
  /// - Returns: The identification, which is over. When the task is cancelled, what was known until then.
  /// - Throws: `ProberError` when nothing could be sent.
  public func identify(_ plan: IdentifyPlan) async throws(ProberError) -> Identification {
    let identification = await gather([plan.series], into: identification(of: plan))
    if let failure = identification.failure { throw failure }
    return identification
  }

  /// An identification that begins now, with nothing.
  package func identification(of plan: IdentifyPlan) -> Identification {
    let moment = SystemClock.moment()
    return Identification(plan, mode: mode, startedAt: moment.realtime, began: moment.monotonic)
  }

  /// A verification that begins now, with nothing.
  package func verification(of plan: VerifyPlan) -> Verification {
    let moment = SystemClock.moment()
    return Verification(plan, mode: mode, startedAt: moment.realtime, began: moment.monotonic)
  }
}

extension Verification: ProbeReducer {
  package static var maySettle: Bool { true }

  /// The series stand in the order of the sides, the target's first.
  package mutating func add(_ event: ProbeEvent, of index: Int, at now: MonotonicInstant) {
    add(event, of: VerifyPlan.Side.allCases[index], at: now)
  }
}
