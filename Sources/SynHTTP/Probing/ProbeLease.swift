internal import SynCore
internal import SynEdge
internal import SynProbe
internal import SynSystem
internal import SynWire

/// What a request needs to send packets: a slot that bounds how many do at once, for as long as its client stays and the
/// service runs.
struct ProbeLease: Sendable {
  let leases: Leases
  let context: ServiceContext

  /// Does the work in a slot; when the client leaves, or the service ends, the work is told by what it handed to `onCut`.
  /// - Throws: `Problem` when there is no slot, or what the work throws.
  func with<Value>(
    _ work: (_ onCut: (@escaping @Sendable () -> Void) -> Void) async throws(Problem) -> Value
  ) async throws(Problem) -> Value {
    let slot = try leases.slots.take(leases.rules.now.limits.concurrentProbes)
    defer { leases.slots.release(slot) }
    var token: Int?
    defer { if let token { context.connection?.forget(token) } }
    return try await work { cut in
      leases.slots.onEnd(slot, cut)
      token = context.connection?.onLeave(cut)
    }
  }

  /// Runs series in a slot, once as many probes as each of them `spends` are within the budget.
  /// - Throws: `Problem` when there is no slot, or too much is spent.
  func gather<Reducer: ProbeReducer>(
    _ series: [SeriesPlan], into reducer: Reducer, _ prober: Prober, spends: (SeriesPlan) -> Int
  ) async throws(Problem) -> Reducer {
    try await with { onCut throws(Problem) in
      for one in series {
        try leases.budget.take(spends(one), to: one.target.address, leases.rules.now.limits, at: SystemClock.now())
      }
      return await prober.gather(series, into: reducer, onCut: onCut)
    }
  }

  /// Why the work was cut short.
  /// - Parameter isWhole: Whether it came to its end all the same.
  /// - Throws: `Problem` when the service ended first, or the client has left.
  func check(isWhole: Bool) throws(Problem) {
    if isWhole { return }
    if leases.slots.isEnding {
      throw Problem(.shuttingDown, "the service ended before the probes did", retryAfter: .seconds(1))
    }
    if context.connection?.hasLeft == true {
      throw Problem(.badRequest, "the client closed its side of the connection while its target was probed")
    }
  }
}
