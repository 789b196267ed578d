/// Probes in the order in which their time is up.
///
/// With one waiting time, the order of arrival is that order, so each distinct waiting time has a queue of its own.
struct DeadlineQueue {
  private typealias Lane = FirstInFirstOut<(at: MonotonicInstant, id: ProbeID)>

  private var lanes: [Duration: Lane] = [:]

  /// Adds a probe whose time is up `wait` after `now`; calls must come in the order of time.
  mutating func add(_ id: ProbeID, at now: MonotonicInstant, wait: Duration) {
    lanes[wait, default: Lane()].append((now.advanced(by: wait), id))
  }

  /// The next moment at which a probe's time is up, of those for which `isWaiting` holds; the others are let go.
  mutating func next(where isWaiting: (ProbeID) -> Bool) -> MonotonicInstant? {
    var soonest: MonotonicInstant?
    for wait in lanes.keys {
      while let first = lanes[wait]?.first, !isWaiting(first.id) { _ = lanes[wait]?.popFirst() }
      if let at = lanes[wait]?.first?.at { soonest = min(at, soonest ?? at) } else { lanes[wait] = nil }
    }
    return soonest
  }

  /// Every probe whose time is up at `now`.
  func expired(at now: MonotonicInstant) -> [ProbeID] {
    lanes.values.flatMap { $0.prefix { $0.at <= now }.map(\.id) }
  }

  /// Takes out every probe whose time is up at `now`.
  mutating func takeExpired(at now: MonotonicInstant) -> [ProbeID] {
    var expired: [ProbeID] = []
    for wait in lanes.keys {
      while let first = lanes[wait]?.first, first.at <= now {
        expired.append(first.id)
        _ = lanes[wait]?.popFirst()
      }
      if lanes[wait]?.first == nil { lanes[wait] = nil }
    }
    return expired.sorted()
  }
}
