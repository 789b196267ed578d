package import SynCore
package import SynSystem
internal import Synchronization

/// Series of probes that one caller waits for: what happens to them, with whose it is, until all have ended.
///
/// The events wait in a mailbox, and are taken on the caller's own thread; whoever waits for the descriptor may wait for
/// other things beside. `cancel` is safe from any thread, at any time. For a task there is `Prober.gather`.
package final class ProbeSession: Sendable {
  /// What happened to one of the series.
  package struct Event: Sendable {
    /// The series' place in the session, in the order in which they were started.
    package let index: Int
    /// What happened.
    package let event: ProbeEvent
  }

  private let group: SeriesGroup
  private let mailbox: Mailbox<Event>
  /// Series that were started, and of those the ones whose end has not been taken yet.
  private let counts = Mutex((started: 0, running: 0))

  /// Starts the series of these plans.
  /// - Throws: `SystemError` where there is no descriptor for it.
  package init(_ prober: Prober, _ plans: [SeriesPlan] = []) throws(SystemError) {
    group = SeriesGroup(prober)
    mailbox = try Mailbox<Event>()
    for plan in plans { start(plan) }
  }

  deinit {
    cancel()
  }

  /// Starts one more series; its place is the number of those before it.
  @discardableResult
  package func start(_ plan: SeriesPlan) -> Int {
    let index = counts.withLock { counts in
      counts.running += 1
      defer { counts.started += 1 }
      return counts.started
    }
    group.start(plan) { [mailbox] in mailbox.put(Event(index: index, event: $0)) }
    return index
  }

  /// Readable when something has happened.
  package var descriptor: Int32 { mailbox.descriptor }

  /// Whether a series has not ended yet, as far as its events were taken.
  package var isRunning: Bool { counts.withLock { $0.running > 0 } }

  /// What has happened since the last call.
  package func takeEvents() -> [Event] {
    let events = mailbox.takeAll()
    let ended = events.count { $0.event.isEnd }
    if ended > 0 { counts.withLock { $0.running -= ended } }
    return events
  }

  /// Ends every series: what waits ends as `cancelled`, and what is known is still to be taken.
  package func cancel() { group.cancel() }
}

extension ProbeEvent {
  /// Whether no further event will come of its series.
  var isEnd: Bool { if case .ended = self { true } else { false } }
}
