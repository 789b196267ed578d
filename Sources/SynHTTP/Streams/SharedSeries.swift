internal import SynCore
internal import SynEdge
internal import SynProbe
internal import SynVerify
internal import Synchronization

/// The series of streams: one for all who want the same, as long as one of them reads.
final class SharedSeries: Sendable {
  /// How long a series goes on without a reader: a client whose connection broke is back within a second.
  private static let linger = Duration.seconds(3)
  /// How long its last events are kept.
  private static let memory = Duration.seconds(60)
  /// How far back claims and numbers look where it is not said.
  static let usualWindow = Duration.seconds(60)
  static let longestWindow = Duration.seconds(3600)

  private struct Entry {
    let series: LiveSeries
    var slot: Int?
    /// Changes with each reader that comes: what waits for the end of a silence knows by it that there was none.
    var visits = 0
    /// Clients that are about to read it: until then it stays.
    var joining = 0
  }

  /// Who writes a target alike shares a series: it tells of it in these words.
  private struct Key: Hashable {
    let terms: LiveTerms
    let input: String
  }
  /// Series that have ended and are remembered, at most.
  private static let mostEnded = 64

  private let probers: Probers
  private let leases: Leases
  let counters = StreamCounters()
  private let entries = Mutex<[Key: Entry]>([:])

  init(_ probers: Probers, _ leases: Leases) {
    (self.probers, self.leases) = (probers, leases)
  }

  /// A client that reads; it leaves when nothing refers to this any more.
  final class Subscription: Sendable {
    let reader: StreamReader
    private let leave: @Sendable () -> Void

    init(_ reader: StreamReader, leave: @escaping @Sendable () -> Void) {
      (self.reader, self.leave) = (reader, leave)
    }

    deinit { leave() }
  }

  /// Reads what a target answers, from now on or from behind the last event that was seen.
  /// - Parameters:
  ///   - terms: How it is probed.
  ///   - input: The target as it was written.
  ///   - window: How far back claims look.
  ///   - claims: What is claimed, by a name that is equal where they are.
  ///   - lastEvent: The last event that was seen; nil for none.
  ///   - objection: Why the target may not be probed any more; nil as long as it may.
  /// - Returns: What the client reads.
  /// - Throws: `Problem` where too much is probed already.
  func join(
    _ terms: LiveTerms, input: String, window: Duration, claims: (name: String, judge: WindowJudge)?,
    after lastEvent: String?, objection: @escaping @Sendable () -> String?
  ) throws(Problem) -> Subscription {
    let prober = try probers.prober(terms.mode)
    let key = Key(terms: terms, input: input)
    let series = entries.withLock { entries in
      var entry =
        entries[key]
        ?? Entry(
          series: LiveSeries(
            terms, input: input, window: SharedSeries.longestWindow, prober, leases, counters, objection: objection,
            notify: { [weak self] notice in if case .ended = notice { self?.ended(key) } }))
      entry.visits += 1
      entry.joining += 1
      entries[key] = entry
      return entry.series
    }
    // Until then nobody takes the entry away: it is the one that was joined.
    defer { joined(key) }
    try begin(series, key)
    let judge = claims.map {
      ("\(window.nanoseconds) \($0.name)", LiveSeries.Judge(judge: $0.judge, window: window, id: nil))
    }
    let (number, reader) = series.join(judge, after: lastEvent)
    return Subscription(reader) { [weak self] in
      series.leave(number, reader)
      self?.wait(key)
    }
  }

  private func joined(_ key: Key) {
    let slot = entries.withLock { entries -> Int? in
      guard var entry = entries[key] else { return nil }
      entry.joining -= 1
      let isVain = entry.joining == 0 && !entry.series.isRunning && !entry.series.hasHistory
      entries[key] = isVain ? nil : entry
      return isVain ? entry.slot : nil
    }
    if let slot { leases.slots.release(slot) }
  }

  private func begin(_ series: LiveSeries, _ key: Key) throws(Problem) {
    guard !series.isRunning else { return }
    let slot = try leases.slots.take(leases.rules.now.limits.concurrentProbes)
    do throws(Problem) { try series.start() } catch {
      leases.slots.release(slot)
      throw error
    }
    leases.slots.onEnd(slot) { series.stop("the service ends") }
    entries.withLock { entries in
      if let old = entries[key]?.slot { leases.slots.release(old) }
      entries[key]?.slot = slot
    }
  }

  private func ended(_ key: Key) {
    let slot = entries.withLock { $0[key]?.slot.take() }
    if let slot { leases.slots.release(slot) }
    wait(key)
  }

  /// Ends a series that nobody reads any more, and then forgets it.
  private func wait(_ key: Key) {
    guard let visits = entries.withLock({ $0[key]?.visits }) else { return }
    Task { [weak self] in
      try? await Task.sleep(for: SharedSeries.linger)
      self?.stop(key, unlessVisitedSince: visits)
      try? await Task.sleep(for: SharedSeries.memory)
      self?.entries.withLock { entries in
        guard let entry = entries[key], entry.visits == visits, entry.joining == 0 else { return }
        if !entry.series.isRunning { entries[key] = nil }
      }
    }
  }

  private func stop(_ key: Key, unlessVisitedSince visits: Int) {
    let idle = entries.withLock { entries -> Entry? in
      guard let entry = entries[key], entry.visits == visits, !entry.series.hasReaders else { return nil }
      entries[key]?.slot = nil
      // While the table is held nobody can come to read it.
      entry.series.stop("nobody reads it", isIdleOnly: true)
      let ended = entries.filter { !$0.value.series.isRunning && $0.value.joining == 0 }
      if ended.count > SharedSeries.mostEnded, let other = ended.first(where: { $0.key != key }) {
        entries[other.key] = nil
      }
      return entry
    }
    if let slot = idle?.slot { leases.slots.release(slot) }
  }

  /// Ends all of them: their readers are told.
  func end() {
    for entry in entries.withLock({ Array($0.values) }) { entry.series.stop("the service ends") }
  }
}
