internal import SynCore
internal import SynEdge
internal import SynProbe
internal import SynSystem
internal import SynVerdict
internal import SynVerify
internal import SynWire

/// Runs the verification, or the identification, of one request: in a slot, and no longer than its client stays.
struct VerificationRun: Sendable {
  let probers: Probers
  let leases: Leases

  /// - Throws: `Problem` when there is no slot, nothing can be sent, or the service ended first.
  func verify(
    _ plan: VerifyPlan, _ mode: ProbeMode?, _ context: ServiceContext
  ) async throws(Problem) -> Verification {
    let prober = try probers.prober(mode)
    let lease = ProbeLease(leases: leases, context: context)
    let verification = try await lease.gather(plan.allSeries, into: prober.verification(of: plan), prober) {
      $0.probesOfFirstSecond
    }
    let sent = [verification.target, verification.control].compactMap { $0?.statistics.attempted }
    owe(plan.allSeries, sent: sent, trainProbes: verification.trainProbes)
    if let failure = verification.failure { throw Problem(.probingFailed, "\(failure)", retryAfter: .seconds(1)) }
    try lease.check(isWhole: verification.isSettled && context.connection?.hasLeft != true)
    context.notes.note {
      $0.outcome = "\(verification.verdict.rawValue) \(verification.target.statistics.words)"
    }
    return verification
  }

  /// - Throws: `Problem` as of a verification.
  func identify(
    _ plan: IdentifyPlan, _ mode: ProbeMode?, _ context: ServiceContext
  ) async throws(Problem) -> IdentifyReport {
    let prober = try probers.prober(mode)
    let lease = ProbeLease(leases: leases, context: context)
    let identification = try await lease.gather([plan.series], into: prober.identification(of: plan), prober) {
      $0.probesOfFirstSecond
    }
    let statistics = identification.measurement.statistics
    owe([plan.series], sent: [statistics.attempted], trainProbes: identification.trainProbes)
    if let failure = identification.failure { throw Problem(.probingFailed, "\(failure)", retryAfter: .seconds(1)) }
    let isWhole = statistics.count(.cancelled) == 0 && statistics.attempted >= plan.count
    try lease.check(isWhole: isWhole && context.connection?.hasLeft != true)
    let report = identification.report()
    context.notes.note { $0.outcome = "\(report.verdict.rawValue) \(statistics.words)" }
    return report
  }

  /// Notes what was sent beyond the first second; trains go ahead of the first series.
  private func owe(_ series: [SeriesPlan], sent: [Int], trainProbes: Int) {
    let (limits, now) = (leases.rules.now.limits, SystemClock.now())
    for (one, count) in zip(series, sent) {
      leases.budget.owe(count - one.countOfFirstSecond, to: one.target.address, limits, at: now)
    }
    guard let first = series.first else { return }
    leases.budget.owe(trainProbes - first.trainsOfFirstSecond, to: first.target.address, limits, at: now)
  }
}

extension SeriesPlan {
  /// SYNs of trains in the first second, of three rounds or so.
  fileprivate var trainsOfFirstSecond: Int { trains.map { min($0.mostProbes, 480) } ?? 0 }

  /// What leaves in the first second.
  fileprivate var probesOfFirstSecond: Int { countOfFirstSecond + trainsOfFirstSecond + siblings.count }

  /// Probes in the first second.
  fileprivate var countOfFirstSecond: Int {
    min(count ?? .max, Int(1_000_000_000 / max(interval.nanoseconds, 1)) + 1)
  }
}
