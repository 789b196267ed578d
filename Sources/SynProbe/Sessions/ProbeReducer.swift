package import SynCore
internal import SynSystem
internal import Synchronization

/// What is made of the events of some series.
package protocol ProbeReducer: Sendable {
  /// Whether it may be settled before its series have ended: then it sees every event as it comes.
  static var maySettle: Bool { get }
  /// Whether enough is known, so that the series can be ended.
  var isSettled: Bool { get }
  /// Adds what happened to the series that stands at this place among the plans.
  mutating func add(_ event: ProbeEvent, of index: Int, at now: MonotonicInstant)
}

extension Measurement: ProbeReducer {
  package static var maySettle: Bool { false }
  package var isSettled: Bool { false }
  package mutating func add(_ event: ProbeEvent, of index: Int, at now: MonotonicInstant) { add(event) }
}

extension Prober {
  /// Runs series to their end, or until enough is known of them, and makes something of their events.
  ///
  /// When the task is cancelled, or what `onCut` was given is called, what waits ends as `cancelled`.
  package func gather<Reducer: ProbeReducer>(
    _ plans: [SeriesPlan], into reducer: Reducer, onCut: (@escaping @Sendable () -> Void) -> Void = { _ in }
  ) async -> Reducer {
    let group = SeriesGroup(self)
    let queue = EventQueue(running: plans.count, wakesEarly: Reducer.maySettle)
    return await withTaskCancellationHandler {
      for (index, plan) in plans.enumerated() {
        group.start(plan) { queue.put(ProbeSession.Event(index: index, event: $0)) }
      }
      onCut { group.cancel() }
      var reducer = reducer
      while let events = await queue.next() {
        for one in events { reducer.add(one.event, of: one.index, at: SystemClock.now()) }
        if reducer.isSettled { group.cancel() }
      }
      return reducer
    } onCancel: {
      group.cancel()
    }
  }
}

/// Events on their way from the prober's thread to one task.
private final class EventQueue: Sendable {
  private struct Contents {
    var events: [ProbeSession.Event] = []
    var running: Int
    var waiting: CheckedContinuation<Void, Never>?
  }

  private let contents: Mutex<Contents>
  /// Whether the task is woken by each event, and not by the last one alone: waking it costs as much as a probe.
  private let wakesEarly: Bool

  init(running: Int, wakesEarly: Bool) {
    contents = Mutex(Contents(running: running))
    self.wakesEarly = wakesEarly
  }

  /// So many events wait at most: a target may send copies of its answers without end.
  private static let mostWaiting = 256

  private func isReady(_ contents: Contents) -> Bool {
    if contents.running == 0 || contents.events.count >= EventQueue.mostWaiting { return true }
    return wakesEarly && !contents.events.isEmpty
  }

  func put(_ event: ProbeSession.Event) {
    let waiting: CheckedContinuation<Void, Never>? = contents.withLock { contents in
      contents.events.append(event)
      if event.event.isEnd { contents.running -= 1 }
      guard isReady(contents) else { return nil }
      defer { contents.waiting = nil }
      return contents.waiting
    }
    waiting?.resume()
  }

  /// What has happened since the last call, waited for; nil when all series have ended.
  func next() async -> [ProbeSession.Event]? {
    await withCheckedContinuation { continuation in
      let hasMore = contents.withLock { contents in
        let hasMore = isReady(contents)
        if !hasMore { contents.waiting = continuation }
        return hasMore
      }
      if hasMore { continuation.resume() }
    }
    return contents.withLock { contents in
      defer { contents.events = [] }
      return contents.events.isEmpty ? nil : contents.events
    }
  }
}
