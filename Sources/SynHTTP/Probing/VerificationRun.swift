internal import SynCore
internal import SynEdge
internal import SynProbe
internal import SynSystem
internal import SynVerdict
internal import SynVerify
internal import SynWire

/// Runs the verification of one request: in a slot, and no longer than its client stays.
struct VerificationRun: Sendable {
  let probers: Probers
  let leases: Leases

  /// - Throws: `Problem` when there is no slot, nothing can be sent, or the service ended first.
  func verify(
    _ plan: VerifyPlan, _ mode: ProbeMode?, _ context: ServiceContext
  ) async throws(Problem) -> Verification {
    let prober = try probers.prober(mode)
    let limits = leases.rules.now.limits
    let lease = ProbeLease(leases: leases, context: context)
    let verification = try await lease.with { onCut throws(Problem) in
      for host in [plan.target, plan.control].compactMap({ $0 }) {
        let beside = host == plan.target ? plan.siblings.count + plan.trainsOfFirstSecond : 0
        try leases.budget.take(
          plan.countOfFirstSecond + beside, to: host.endpoint.address, limits, at: SystemClock.now())
      }
      return await prober.gather(plan.allSeries, into: prober.verification(of: plan), onCut: onCut)
    }
    for measurement in [verification.target, verification.control].compactMap({ $0 }) {
      leases.budget.owe(
        measurement.statistics.attempted - plan.countOfFirstSecond, to: measurement.target.address, limits,
        at: SystemClock.now())
    }
    leases.budget.owe(
      verification.trainProbes - plan.trainsOfFirstSecond, to: plan.target.endpoint.address, limits,
      at: SystemClock.now())
    if let failure = verification.failure { throw Problem(.probingFailed, "\(failure)", retryAfter: .seconds(1)) }
    try lease.check(isWhole: verification.isSettled && context.connection?.hasLeft != true)
    context.notes.note {
      $0.outcome = "\(verification.verdict.rawValue) \(verification.target.statistics.words)"
    }
    return verification
  }
}

extension VerifyPlan {
  /// SYNs of trains in the first second, of three rounds or so.
  fileprivate var trainsOfFirstSecond: Int { trains.map { min($0.mostProbes, 480) } ?? 0 }

  /// Probes to each target in the first second.
  fileprivate var countOfFirstSecond: Int {
    min(count, Int(1_000_000_000 / max(interval.nanoseconds, 1)) + 1)
  }
}
