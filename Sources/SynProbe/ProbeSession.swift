package import SynCore
package import SynSystem
internal import Synchronization

/// Series of probes that one caller waits for: what happens to them, with whose it is, until all have ended.
///
/// The events wait in a mailbox, and are taken on the caller's own thread; whoever waits for the descriptor may wait for
/// other things beside. `cancel` is safe from any thread, at any time.
package final class ProbeSession: Sendable {
  /// What happened to one of the series.
  package struct Event: Sendable {
    /// The series' place in the session, in the order in which they were started.
    package let index: Int
    /// What happened.
    package let event: ProbeEvent
  }

  private struct Contents {
    var series: [SeriesID] = []
    /// Series whose end has not been taken yet.
    var running = 0
    var isCancelled = false
  }

  private let prober: Prober
  private let mailbox: Mailbox<Event>
  private let contents = Mutex(Contents())

  /// Starts the series of these plans.
  /// - Throws: `SystemError` where there is no descriptor for it.
  package init(_ prober: Prober, _ plans: [SeriesPlan] = []) throws(SystemError) {
    self.prober = prober
    mailbox = try Mailbox<Event>()
    for plan in plans { start(plan) }
  }

  deinit {
    cancel()
  }

  /// Starts one more series; its place is the number of those before it.
  @discardableResult
  package func start(_ plan: SeriesPlan) -> Int {
    let index = contents.withLock { contents in
      contents.running += 1
      return contents.series.count
    }
    let id = prober.start(plan) { [mailbox] in mailbox.put(Event(index: index, event: $0)) }
    let isCancelled = contents.withLock { contents in
      contents.series.append(id)
      return contents.isCancelled
    }
    if isCancelled { prober.cancel(id) }
    return index
  }

  /// Readable when something has happened.
  package var descriptor: Int32 { mailbox.descriptor }

  /// Whether a series has not ended yet, as far as its events were taken.
  package var isRunning: Bool { contents.withLock { $0.running > 0 } }

  /// What has happened since the last call.
  package func takeEvents() -> [Event] {
    let events = mailbox.takeAll()
    let ended = events.count { if case .ended = $0.event { true } else { false } }
    if ended > 0 { contents.withLock { $0.running -= ended } }
    return events
  }

  /// Ends every series: what waits ends as `cancelled`, and what is known is still to be taken.
  package func cancel() {
    let series: [SeriesID] = contents.withLock { contents in
      guard !contents.isCancelled else { return [] }
      contents.isCancelled = true
      return contents.series
    }
    for id in series { prober.cancel(id) }
  }
}
