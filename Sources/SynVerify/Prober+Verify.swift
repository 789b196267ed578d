public import SynCore
public import SynProbe
internal import SynSystem
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

extension Prober {
  /// A verification that begins now, with nothing.
  package func verification(of plan: VerifyPlan) -> Verification {
    Verification(plan, mode: mode, startedAt: SystemClock.realtime(), began: SystemClock.now())
  }

  /// Starts the series of a plan; their events reach `handler` on the prober's thread, which must not wait.
  package func start(_ plan: VerifyPlan, handler: @escaping @Sendable (VerifyEvent) -> Void) -> [SeriesID] {
    VerifyPlan.Side.allCases.compactMap { side in
      plan.series(side).map { start($0) { handler(VerifyEvent(side: side, event: $0)) } }
    }
  }
}

/// What happens to one of the series of a verification.
package struct VerifyEvent: Sendable {
  /// Whose it is.
  package let side: VerifyPlan.Side
  /// What happened.
  package let event: ProbeEvent

  /// Joins the fields.
  package init(side: VerifyPlan.Side, event: ProbeEvent) {
    self.side = side
    self.event = event
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
    var verification = prober.verification(of: plan)
    for await message in events() {
      verification.add(message.event, of: message.side, at: SystemClock.now())
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

  private func events() -> AsyncStream<VerifyEvent> {
    AsyncStream { continuation in
      let ids = prober.start(plan) { continuation.yield($0) }
      series.withLock { $0.ids = ids }
      if series.withLock({ $0.isCancelled }) { endSeries() }
    }
  }
}
