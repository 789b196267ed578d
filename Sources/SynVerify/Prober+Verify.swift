internal import SynCore
internal import SynIO
public import SynProbe
internal import Synchronization

extension Prober {
  /// Measures a target until every claim is decided, or a limit is reached.
  /// - Returns: The verification, which is over; its report says the verdict. When the task is cancelled, what was known
  ///   until then.
  /// - Throws: `ProberError` when nothing could be sent.
  public func verify(_ plan: VerifyPlan) async throws(ProberError) -> Verification {
    let session = VerifySession(self, plan)
    let verification = await withTaskCancellationHandler {
      await session.run()
    } onCancel: {
      session.cancel()
    }
    if let failure = verification.failure { throw failure }
    return verification
  }
}

/// The series of one verification, for a caller that may leave.
package final class VerifySession: Sendable {
  private let prober: Prober
  private let plan: VerifyPlan
  private let series = Mutex((ids: [SeriesID](), isCancelled: false))

  /// Prepares what `run` starts.
  package init(_ prober: Prober, _ plan: VerifyPlan) {
    self.prober = prober
    self.plan = plan
  }

  /// Probes until all is decided, a limit is reached, or the session is cancelled.
  package func run() async -> Verification {
    var verification = Verification(
      plan, mode: prober.mode, startedAt: SystemClock.realtime(), began: SystemClock.now())
    for await (side, event) in events() {
      verification.add(event, of: side, at: SystemClock.now())
      if verification.isSettled { endSeries() }
      if !verification.isRunning { break }
    }
    return verification
  }

  /// Ends the series early; safe from any thread, at any time.
  package func cancel() {
    series.withLock { $0.isCancelled = true }
    endSeries()
  }

  private func endSeries() {
    for id in series.withLock({ $0.ids }) { prober.cancel(id) }
  }

  private func events() -> AsyncStream<(VerifyPlan.Side, ProbeEvent)> {
    AsyncStream { continuation in
      for side in [VerifyPlan.Side.target, .control] {
        guard let plan = plan.series(side) else { continue }
        let id = prober.start(plan) { continuation.yield((side, $0)) }
        series.withLock { $0.ids.append(id) }
      }
      if series.withLock({ $0.isCancelled }) { endSeries() }
    }
  }
}
