internal import SynCore
internal import SynEdge
internal import SynProbe
internal import SynSystem
internal import SynVerify
internal import SynWire
internal import Synchronization

/// All monitors of the service.
final class Monitors: Sendable {
  /// At once.
  static let most = 256
  /// How soon one is tried again that cannot be probed.
  private static let patience = Duration.seconds(10)

  private struct State {
    var monitors: [String: Monitor] = [:]
    var isEnding = false
    var keeper: Task<Void, Never>?

    /// - Throws: `Problem` where there are too many.
    mutating func insert(_ monitor: Monitor) throws(Problem) {
      if isEnding { throw Problem(.shuttingDown, "the service is ending", retryAfter: .seconds(1)) }
      guard monitors.count < Monitors.most else {
        throw Problem(.overloaded, "there are \(Monitors.most) monitors: delete one first", retryAfter: .seconds(60))
      }
      monitors[monitor.id] = monitor
    }

    mutating func remove(_ monitor: Monitor) {
      if monitors[monitor.id] === monitor { monitors[monitor.id] = nil }
    }
  }

  /// What is to be done by one at a time: taking up what the configuration says.
  private struct Past {
    var isStarted = false
    /// Of monitors of the configuration that were there.
    var histories: [String: [HistoryEntry]] = [:]
  }

  private let probers: Probers
  private let leases: Leases
  private let targets: TargetAdmission
  private let counters: StreamCounters
  private let log: ServiceLog
  /// Where they are kept over a restart; nil for nowhere.
  let store: MonitorStore?
  private let state = Mutex(State())
  private let past = Mutex(Past())
  /// When to see to those that are not probed.
  private let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

  init(
    _ probers: Probers, _ leases: Leases, _ targets: TargetAdmission, _ counters: StreamCounters, _ log: ServiceLog,
    store: MonitorStore?
  ) {
    (self.probers, self.leases, self.targets) = (probers, leases, targets)
    (self.counters, self.log, self.store) = (counters, log, store)
  }

  /// In the order of their making.
  var all: [Monitor] {
    state.withLock { Array($0.monitors.values) }.sorted {
      ($0.createdAt.nanoseconds, $0.id) < ($1.createdAt.nanoseconds, $1.id)
    }
  }

  /// - Throws: `Problem` where there is none.
  func monitor(_ id: String) throws(Problem) -> Monitor {
    guard let monitor = state.withLock({ $0.monitors[id] }) else {
      throw Problem(
        .notFound, "there is no monitor '\(String(id.prefix(100)).escaped)'; /v1/monitors lists those there are")
    }
    return monitor
  }

  // MARK: Beginning and ending

  /// Makes one for a client; it is kept, where there is a place, when this returns.
  /// - Throws: `Problem` where there are too many, or its target may not be probed.
  func create(_ definition: MonitorDefinition, _ context: ServiceContext) async throws(Problem) -> Monitor {
    let admitted = try await targets.admit(definition.target, context)
    let monitor = make(Monitors.newID(), definition, createdAt: SystemClock.realtime())
    try insert(monitor)
    do throws(Problem) { try begin(monitor, admitted.endpoint) } catch {
      remove(monitor)
      monitor.stop(error.detail)
      throw error
    }
    await keep(monitor)
    return monitor
  }

  private func keep(_ monitor: Monitor) async {
    guard let store, isThere(monitor) else { return }
    monitor.isKept = await store.insert(monitor.id, monitor.createdAt, monitor.definition.body)
    // It may have been deleted while it was written.
    if !isThere(monitor) { _ = await store.delete([monitor.id]) }
  }

  private func isThere(_ monitor: Monitor) -> Bool { state.withLock { $0.monitors[monitor.id] === monitor } }

  /// Ends one for good.
  /// - Throws: `Problem` for one of the configuration file.
  func delete(_ id: String) async throws(Problem) {
    let monitor = try monitor(id)
    guard !monitor.isConfigured else {
      throw Problem.bad("id", "the monitor '\(id)' is of the configuration file: it ends when that has it no more")
    }
    if let store, monitor.isKept {
      guard await store.delete([id]) else {
        throw Problem(
          .overloaded, "the state file cannot be written now: the monitor would be back after a restart",
          retryAfter: .seconds(10))
      }
    }
    remove(monitor)
    monitor.stop("the monitor was deleted")
    // What it told meanwhile.
    _ = await store?.delete([id])
  }

  private func insert(_ monitor: Monitor) throws(Problem) {
    try state.withLock { state throws(Problem) in try state.insert(monitor) }
  }

  private func remove(_ monitor: Monitor) {
    state.withLock { $0.remove(monitor) }
  }

  private func make(
    _ id: String, _ definition: MonitorDefinition, createdAt: KernelTimestamp, isConfigured: Bool = false,
    history: [HistoryEntry] = []
  ) -> Monitor {
    Monitor(id: id, definition, createdAt: createdAt, isConfigured: isConfigured, history: history) {
      [store] monitor, entry in
      store?.append(monitor.id, entry)
    }
  }

  private static func newID() -> String {
    let digits = String(UInt64.random(in: .min ... .max), radix: 36)
    return String(repeating: "0", count: 13 - digits.count) + digits
  }

  private func begin(_ monitor: Monitor, _ endpoint: Endpoint) throws(Problem) {
    let wanted = monitor.definition.wanted
    let series = LiveSeries(
      wanted.terms(endpoint), input: monitor.definition.target.text, window: wanted.window,
      try probers.prober(wanted.mode), leases, counters, objection: { [targets] in targets.objection(to: endpoint) },
      notify: { [weak monitor] in monitor?.take($0) })
    try monitor.begin(series)
  }

  // MARK: Those that nobody asks for

  /// Takes what was kept and what the configuration has by then, and sees to it from now on that all are probed.
  func start(_ configured: () -> [String: MonitorDefinition]) {
    let loaded = store?.loaded ?? []
    let unknown = past.withLock { past in
      take(loaded)
      past.isStarted = true
      past.histories = Dictionary(loaded.map { ($0.id, $0.history) }) { first, _ in first }
      let wanted = configured()
      apply(wanted, &past)
      return loaded.filter { $0.body.isEmpty && wanted[$0.id] == nil }.map(\.id)
    }
    let keeper = Task { [self] in
      if !unknown.isEmpty { _ = await store?.delete(unknown) }
      let clock = Task { [wake] in
        while !Task.isCancelled {
          wake.yield()
          try? await Task.sleep(for: Monitors.patience)
        }
      }
      defer { clock.cancel() }
      for await _ in wakes {
        for monitor in all where !monitor.isConfigured && !monitor.isKept { await keep(monitor) }
        await retry(all.filter { $0.series == nil })
      }
    }
    state.withLock { $0.keeper = keeper }
  }

  /// As many at once as names may be resolved.
  private func retry(_ monitors: [Monitor]) async {
    await withTaskGroup(of: Void.self) { group in
      var waiting = monitors[...]
      for _ in 0..<NameLookups.mostPerClient {
        if let monitor = waiting.popFirst() { group.addTask { [self] in await retry(monitor) } }
      }
      while await group.next() != nil {
        if let monitor = waiting.popFirst() { group.addTask { [self] in await retry(monitor) } }
      }
    }
  }

  private func take(_ loaded: [MonitorStore.Kept]) {
    for kept in loaded where !kept.body.isEmpty {
      do throws(Problem) {
        let definition = try MonitorDefinition(kept.body, leases.rules.now.limits)
        let monitor = make(kept.id, definition, createdAt: kept.createdAt, history: kept.history)
        monitor.isKept = true
        try insert(monitor)
      } catch {
        log.say("error", "monitor not taken up", ("id", kept.id), ("message", error.detail))
      }
    }
  }

  /// Makes those of the configuration be what it says now; who asks meanwhile finds what was or what is.
  func configure(_ wanted: [String: MonitorDefinition]) {
    // Before the start nothing is to be changed: it takes what the configuration says then.
    past.withLock { past in if past.isStarted { apply(wanted, &past) } }
  }

  private func apply(_ wanted: [String: MonitorDefinition], _ past: inout Past) {
    let old = all
    let stale = old.filter { $0.isConfigured && wanted[$0.id] != $0.definition }
    for monitor in stale {
      monitor.stop("the configuration has it no more, or says something else of it")
      past.histories[monitor.id] = monitor.allHistory
    }
    let standing = Set(old.map(\.id)).subtracting(stale.map(\.id))
    let new = wanted.filter { !standing.contains($0.key) }.sorted { $0.key < $1.key }.map { id, definition in
      make(
        id, definition, createdAt: SystemClock.realtime(), isConfigured: true,
        history: past.histories.removeValue(forKey: id) ?? [])
    }
    // What is gone by this may be back by the next.
    let gone = Set(stale.map(\.id))
    past.histories = past.histories.filter { gone.contains($0.key) }
    for (monitor, problem) in zip(new, replace(stale, with: new)) {
      if let problem { log.say("error", "monitor not taken up", ("id", monitor.id), ("message", problem.detail)) }
    }
    // What is no name waits for none.
    let addresses = new.filter { if case .address = $0.definition.target.target.host { true } else { false } }
    Task { [self] in
      for monitor in addresses { await retry(monitor) }
      wake.yield()
    }
  }

  /// At once: nobody finds a monitor gone that is about to come back.
  /// - Returns: Of each new one why it was not taken.
  private func replace(_ old: [Monitor], with new: [Monitor]) -> [Problem?] {
    state.withLock { state in
      for monitor in old { state.remove(monitor) }
      return new.map { monitor in
        do throws(Problem) { try state.insert(monitor) } catch { return error }
        return nil
      }
    }
  }

  private func retry(_ monitor: Monitor) async {
    let target = monitor.definition.target
    do throws(Problem) {
      let endpoint = try await targets.admit(target.target, target.name, for: nil, notes: nil, within: nil).endpoint
      guard monitor.series == nil, isThere(monitor) else { return }
      try begin(monitor, endpoint)
    } catch {
      monitor.idle(error.detail)
    }
  }

  /// Ends all of them; what is kept stays so.
  func end() {
    let (monitors, keeper) = state.withLock { state in
      state.isEnding = true
      return (Array(state.monitors.values), state.keeper)
    }
    keeper?.cancel()
    for monitor in monitors { monitor.stop("the service ends") }
  }
}
