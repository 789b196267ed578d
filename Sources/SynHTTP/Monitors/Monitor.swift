internal import SynCore
internal import SynEdge
internal import SynProbe
internal import SynSystem
internal import SynVerdict
internal import SynVerify
internal import SynWire
internal import Synchronization

/// A target that is probed until somebody says otherwise, what is claimed of it, and what has happened to it.
final class Monitor: Sendable {
  private struct State {
    var series: LiveSeries?
    /// Why it is not probed.
    var idleReason = "it has not begun"
    var history: MonitorHistory
    var isKept = false
    /// Once it is ended it is never probed again.
    var isEnded = false
    /// When the window began that is under way, and the number of its first probe.
    var windowBegan: ClockWatch.Reading?
    var windowFirst = 0
    var onsets: [ChangePoint.Quantity: Int] = [:]
  }

  let id: String
  let definition: MonitorDefinition
  let createdAt: KernelTimestamp
  /// Whether the configuration file has it, which alone can end it.
  let isConfigured: Bool
  /// Told what happens to it, to be kept.
  private let onEntry: @Sendable (Monitor, HistoryEntry) -> Void
  private let state: Mutex<State>

  init(
    id: String, _ definition: MonitorDefinition, createdAt: KernelTimestamp, isConfigured: Bool,
    history: [HistoryEntry] = [], onEntry: @escaping @Sendable (Monitor, HistoryEntry) -> Void
  ) {
    (self.id, self.definition, self.createdAt) = (id, definition, createdAt)
    (self.isConfigured, self.onEntry) = (isConfigured, onEntry)
    state = Mutex(State(history: MonitorHistory(history)))
  }

  // MARK: Probing

  var series: LiveSeries? { state.withLock { $0.series } }

  /// Begins to probe with a series of its own.
  /// - Throws: `Problem` where it cannot.
  func begin(_ series: LiveSeries) throws(Problem) {
    let now = SystemClock.moment()
    let isFirst = state.withLock { state in
      guard state.series == nil, !state.isEnded else { return false }
      state.series = series
      (state.windowBegan, state.windowFirst) = (now, 0)
      return true
    }
    guard isFirst else { return }
    do throws(Problem) { try series.start() } catch {
      idle(error.detail, after: series)
      throw error
    }
    // It may have been ended meanwhile.
    if state.withLock({ $0.isEnded }) { series.stop("the monitor has ended") }
    note(HistoryEntry(startAt: now.realtime, "probing begins; nothing is known of before"))
  }

  /// Says why it is not probed, after this series, or, with nil, at all: where it is probed by another, nothing is said.
  func idle(_ reason: String, after series: LiveSeries? = nil) {
    state.withLock { state in
      guard state.series === series else { return }
      state.series = nil
      state.idleReason = reason
    }
  }

  /// Ends it.
  func stop(_ reason: String) {
    let series = state.withLock { state in
      state.isEnded = true
      state.idleReason = reason
      return state.series.take()
    }
    series?.stop(reason)
  }

  /// Whether it is kept over a restart.
  var isKept: Bool {
    get { state.withLock { $0.isKept } }
    set { state.withLock { $0.isKept = newValue } }
  }

  /// What its series tells.
  func take(_ notice: LiveSeries.Notice) {
    switch notice {
    case .change(let change):
      if change.kind == .onset, change.way == nil { state.withLock { $0.onsets[change.quantity, default: 0] += 1 } }
      note(HistoryEntry(change))
    case .second: closeWindow()
    case .ended(let series, let reason): idle(reason, after: series)
    }
  }

  private func closeWindow() {
    let now = SystemClock.moment()
    let length = definition.wanted.window
    let ended = state.withLock { state -> (began: ClockWatch.Reading, samples: [Sample])? in
      guard let began = state.windowBegan, now.monotonic.since(began.monotonic) >= length,
        let found = state.series?.samples(from: state.windowFirst)
      else { return nil }
      (state.windowBegan, state.windowFirst) = (now, found.next)
      return (began, found.samples)
    }
    guard let ended, let check = check() else { return }
    note(
      HistoryEntry(
        from: ended.began.realtime, lasting: now.monotonic.since(ended.began.monotonic), WindowReport(ended.samples),
        check.verdict))
  }

  private func note(_ entry: HistoryEntry) {
    let now = SystemClock.realtime().rfc3339
    state.withLock { $0.history.add(entry, noted: now) }
    onEntry(self, entry)
  }

  // MARK: How it stands

  /// What happened at a moment or later.
  func history(since moment: String) -> [HistoryEntry] { state.withLock { $0.history.entries(since: moment) } }

  /// All that is kept of what happened.
  var allHistory: [HistoryEntry] { history(since: "") }

  /// Onsets so far, since the service began.
  var onsets: [ChangePoint.Quantity: Int] { state.withLock { $0.onsets } }

  /// Why it is not probed; nil as long as it is.
  var idleReason: String? { state.withLock { $0.series == nil ? $0.idleReason : nil } }

  /// The verdict now; nil while it is not probed.
  func check() -> CheckReport? {
    guard let series, let standing = series.standing else { return nil }
    let outcome = definition.wanted.judge?.judge(standing.evidence)
    let (verdict, reason) = outcome.map { ($0.verdict, $0.reason) } ?? Monitor.verdict(standing)
    return CheckReport(
      id: id, verdict: verdict, reason: "\(verdict.rawValue): \(series.input): \(reason)", target: series.target,
      at: SystemClock.realtime().rfc3339, windowMs: series.window.milliseconds, claims: outcome?.claims ?? [],
      open: standing.open.map(HistoryEntry.init), window: WindowReport(standing.evidence.samples))
  }

  /// Where nothing is claimed: whether all is as it was.
  private static func verdict(
    _ standing: (evidence: Evidence, open: [ChangePoint], isLearning: Bool)
  ) -> (Verdict, String) {
    if let change = standing.open.first {
      let entry = HistoryEntry(change)
      return (.mismatch, "\(entry.text): \(entry.at)")
    }
    if standing.isLearning {
      return (.inconclusive, "too few probes have gone well to know what is usual: 32 are needed")
    }
    if standing.evidence.captureDrops > 0 {
      return (.inconclusive, "this host's own buffers lost \(standing.evidence.captureDrops) packets within the window")
    }
    guard standing.evidence.samples.contains(where: { $0.outcome != .lost && $0.outcome != .blocked }) else {
      return (.inconclusive, "no answer has come within the window")
    }
    return (.confirmed, "nothing has changed")
  }

  /// A client that reads what its series tells.
  /// - Throws: `Problem` while it is not probed.
  func subscribe(after lastEvent: String?) throws(Problem) -> SharedSeries.Subscription {
    guard let series else {
      throw Problem(.probingFailed, "the monitor is not probed: \(idleReason ?? "it ends")", retryAfter: .seconds(10))
    }
    let claims = definition.wanted.judge.map {
      ("monitor", LiveSeries.Judge(judge: $0, window: definition.wanted.window, id: id))
    }
    let (number, reader) = series.join(claims, after: lastEvent)
    return SharedSeries.Subscription(reader) { series.leave(number, reader) }
  }
}

extension Monitor: JSONWritable {
  func write(into json: inout JSONWriter) {
    let wanted = definition.wanted
    json.object {
      $0.member("id", id)
      $0.member("target", definition.target.text)
      $0.member("interval", wanted.interval.compactText)
      $0.member("timeout", wanted.timeout.compactText)
      $0.member("window", wanted.window.compactText)
      $0.member("mode", wanted.mode?.rawValue ?? "auto")
      $0.member("direction", wanted.tellsDirection)
      let claims = wanted.written.filter { Claim.names.contains($0.name) }
      $0.member("claims", Dictionary(claims.map { ($0.name, $0.value) }) { first, _ in first })
      for (name, value) in wanted.written where !Claim.names.contains(name) { $0.member(named: name, value) }
      $0.member("created_at", createdAt.rfc3339)
      $0.member("configured", isConfigured)
      $0.member("kept", isKept)
      $0.member("probing", series != nil)
      $0.member("reason", idleReason)
    }
  }
}
