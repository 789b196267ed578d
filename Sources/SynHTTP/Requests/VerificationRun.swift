internal import SynCore
internal import SynIO
internal import SynProbe
internal import SynVerdict
internal import SynVerify
internal import SynWire

/// Runs the verification of one request: in a slot, and no longer than its client stays.
struct VerificationRun: Sendable {
  let state: ServiceState

  /// - Throws: `Problem` when there is no slot, nothing can be sent, or the service ended first.
  func verify(
    _ plan: VerifyPlan, _ mode: ProberConfiguration.Mode, _ context: ServiceContext
  ) async throws(Problem) -> Verification {
    let prober = try state.probers.prober(mode)
    let limits = state.rules.configuration.limits
    let slot = try state.slots.take(limits.concurrentProbes)
    defer { state.slots.release(slot) }
    for host in [plan.target, plan.control].compactMap({ $0 }) {
      try state.budget.take(plan.countOfFirstSecond, to: host.endpoint.address, limits, at: SystemClock.now())
    }
    let session = VerifySession(prober, plan)
    state.slots.onEnd(slot) { session.cancel() }
    let token = context.connection?.onLeave { session.cancel() }
    let verification = await session.run()
    if let token { context.connection?.forget(token) }
    for measurement in [verification.target, verification.control].compactMap({ $0 }) {
      state.budget.owe(
        measurement.statistics.attempted - plan.countOfFirstSecond, to: measurement.target.address, limits,
        at: SystemClock.now())
    }
    if let failure = verification.failure { throw Problem(.probingFailed, "\(failure)", retryAfter: .seconds(1)) }
    if state.slots.isEnding, !verification.isSettled {
      throw Problem(.shuttingDown, "the service ended before the verdict", retryAfter: .seconds(1))
    }
    if context.connection?.hasLeft == true {
      throw Problem(.badRequest, "the client closed its side of the connection while its target was probed")
    }
    context.notes.note {
      $0.outcome = "\(verification.verdict.rawValue) \(verification.target.statistics.words)"
    }
    return verification
  }
}

extension VerifyPlan {
  /// Probes to each target in the first second.
  fileprivate var countOfFirstSecond: Int {
    min(count, Int(1_000_000_000 / max(interval.nanoseconds, 1)) + 1)
  }
}
