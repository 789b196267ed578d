/// Probes in the order in which their time is up.
///
/// With one waiting time, the order of arrival is that order, so each distinct waiting time has a queue of its own, and an
/// agenda knows whose first is due first.
struct DeadlineQueue {
  private typealias Lane = FirstInFirstOut<(at: MonotonicInstant, id: ProbeID)>

  private var lanes = KeyedSlab<Duration, Lane>(fresh: Lane())
  private var agenda = Agenda<Duration>()
  /// With more waiting times than this, those of which no probe waits are let go.
  private static var emptyLanesKept: Int { 16 }

  /// Adds a probe whose time is up `wait` after `now`; calls must come in the order of time.
  mutating func add(_ id: ProbeID, at now: MonotonicInstant, wait: Duration) {
    let at = now.advanced(by: wait)
    if lanes[wait]?.first == nil { agenda.set(wait, to: at) }
    lanes.provide(wait) { $0.append((at, id)) }
  }

  /// The next moment at which the time of a probe in flight is up; those before it that have ended are let go.
  mutating func next(in table: borrowing InFlightTable) -> MonotonicInstant? {
    while let wait = agenda.first {
      guard let first = lanes[wait]?.first, !table.isInFlight(first.id) else { break }
      removeFirst(of: wait) { !table.isInFlight($0.id) }
    }
    return agenda.next()
  }

  /// Every probe whose time is up at `now`.
  func expired(at now: MonotonicInstant) -> [ProbeID] {
    var expired: [ProbeID] = []
    for lane in lanes.all where lane.first.map({ $0.at <= now }) ?? false {
      expired += lane.prefix { $0.at <= now }.map(\.id)
    }
    return expired
  }

  /// Takes out every probe whose time is up at `now`, in the order of adding; by their numbers where
  /// several waiting times are over.
  mutating func takeExpired(at now: MonotonicInstant) -> [ProbeID] {
    var expired: [ProbeID] = []
    var laneCount = 0
    while let moment = agenda.next(), moment <= now, let wait = agenda.first {
      laneCount += 1
      removeFirst(of: wait) { entry in
        guard entry.at <= now else { return false }
        expired.append(entry.id)
        return true
      }
    }
    return laneCount > 1 ? expired.sorted() : expired
  }

  /// Lets the first probes of a lane go while the condition holds.
  private mutating func removeFirst(
    of wait: Duration, while isOver: ((at: MonotonicInstant, id: ProbeID)) -> Bool
  ) {
    var next: MonotonicInstant?
    lanes.update(wait) { lane in
      while let first = lane.first, isOver(first) { _ = lane.popFirst() }
      next = lane.first?.at
    }
    agenda.set(wait, to: next)
    if next == nil, lanes.count > Self.emptyLanesKept { lanes.remove(wait) }
  }
}
