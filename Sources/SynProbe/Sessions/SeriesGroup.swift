internal import SynCore
internal import Synchronization

/// Series that one caller has started, and that end together when he leaves.
final class SeriesGroup: Sendable {
  private let prober: Prober
  private let contents = Mutex((series: [SeriesID](), isCancelled: false))

  init(_ prober: Prober) {
    self.prober = prober
  }

  /// Starts one more series.
  func start(_ plan: SeriesPlan, handler: @escaping @Sendable (ProbeEvent) -> Void) {
    let id = prober.start(plan, handler: handler)
    let isCancelled = contents.withLock { contents in
      contents.series.append(id)
      return contents.isCancelled
    }
    if isCancelled { prober.cancel(id) }
  }

  /// Ends every series, and those that are still to be started; safe from any thread, at any time.
  func cancel() {
    let series: [SeriesID] = contents.withLock { contents in
      guard !contents.isCancelled else { return [] }
      contents.isCancelled = true
      return contents.series
    }
    for id in series { prober.cancel(id) }
  }
}
