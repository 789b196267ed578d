internal import NIOCore
internal import SynCore
internal import SynEdge
internal import SynProbe
internal import SynSystem
internal import SynVerdict
internal import SynVerify
internal import SynWire
internal import Synchronization

/// A series that goes on, and what it tells to any number of readers.
///
/// Its probes, its changes and each second its summary are written once, and handed to each reader's own queue.
final class LiveSeries: Sendable {
  /// What a series tells whoever keeps it.
  enum Notice: Sendable {
    case change(ChangePoint)
    /// A second has passed.
    case second
    /// It, this one, has ended by itself, for this reason.
    case ended(LiveSeries, String)
  }

  /// Claims that are judged for some of the readers.
  struct Judge: Sendable {
    let judge: WindowJudge
    /// How far back it looks.
    let window: Duration
    /// The monitor whose claims they are.
    let id: String?
  }

  fileprivate struct State {
    var history = LiveHistory()
    var readers: [Int: StreamReader] = [:]
    var judges: [String: Judge] = [:]
    var nextReader = 0
    var run: LiveRun?
    /// Why it ended the last time.
    var lastEnd: ByteBuffer?
  }

  let terms: LiveTerms
  let input: String
  /// How far back claims and numbers look.
  let window: Duration
  private let prober: Prober
  private let leases: Leases
  private let counters: StreamCounters
  /// Why the target may not be probed any more; nil as long as it may.
  private let objection: @Sendable () -> String?
  private let notify: @Sendable (Notice) -> Void
  private let state = Mutex(State())

  init(
    _ terms: LiveTerms, input: String, window: Duration, _ prober: Prober, _ leases: Leases, _ counters: StreamCounters,
    objection: @escaping @Sendable () -> String?, notify: @escaping @Sendable (Notice) -> Void = { _ in }
  ) {
    (self.terms, self.input, self.window) = (terms, input, window)
    (self.prober, self.leases, self.counters) = (prober, leases, counters)
    (self.objection, self.notify) = (objection, notify)
  }

  var isRunning: Bool { state.withLock { $0.run != nil } }
  var hasHistory: Bool { state.withLock { !$0.history.isEmpty } }
  var hasReaders: Bool { state.withLock { !$0.readers.isEmpty } }

  // MARK: Running

  /// Begins to probe, unless it does.
  /// - Throws: `Problem` where more is probed than may be for now.
  func start() throws(Problem) {
    guard !isRunning else { return }
    let moment = SystemClock.moment()
    let limits = leases.rules.now.limits
    try leases.budget.reserve(terms.rate, to: terms.endpoint.address, limits)
    do throws(Problem) {
      try leases.budget.take(terms.probesOfSecond, to: terms.endpoint.address, limits, at: moment.monotonic)
    } catch {
      leases.budget.release(terms.rate, of: terms.endpoint.address)
      throw error
    }
    let measurement = Measurement(
      input: input, target: terms.endpoint, mode: prober.mode, startedAt: moment.realtime, began: moment.monotonic,
      keepsProbes: false, exactLimit: 1024)
    let isFirst = state.withLock { state in
      guard state.run == nil else { return false }
      let run = LiveRun(measurement, terms, window: window)
      run.task = Task { [self] in await probe() }
      state.run = run
      return true
    }
    if !isFirst { leases.budget.release(terms.rate, of: terms.endpoint.address) }
  }

  /// Ends it, for a reason that its readers are told; where it `isIdleOnly`, unless somebody reads it.
  /// - Returns: Whether it had not ended yet.
  @discardableResult
  func stop(_ reason: String, isIdleOnly: Bool = false) -> Bool {
    let task = state.withLock { state -> Task<Void, Never>? in
      guard let run = state.run, !isIdleOnly || state.readers.isEmpty else { return nil }
      state.run = nil
      let piece = StreamFrame.event(.end, ["reason": reason])
      state.lastEnd = piece
      for reader in state.readers.values {
        _ = reader.put(piece)
        reader.end()
      }
      state.readers = [:]
      return run.task
    }
    guard let task else { return false }
    task.cancel()
    leases.budget.release(terms.rate, of: terms.endpoint.address)
    return true
  }

  private func probe() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { [self] in
        for await event in prober.events(of: terms.plan, mostWaiting: 4096) { add(event) }
        if !Task.isCancelled { ended("this host did not keep up with the series") }
      }
      group.addTask { [self] in
        while !Task.isCancelled {
          try? await Task.sleep(for: .seconds(1))
          if !Task.isCancelled { second() }
        }
      }
    }
  }

  private func ended(_ reason: String) {
    if stop(reason) { notify(.ended(self, reason)) }
  }

  // MARK: What comes

  private func add(_ event: ProbeEvent) {
    let now = SystemClock.moment()
    let news = state.withLock { state -> LiveRun.News in
      guard let news = state.run?.add(event, at: now) else { return LiveRun.News() }
      if let probe = news.probe { state.tell(.probe, probe, at: now.monotonic) }
      for change in news.changes {
        state.tell(change.kind == .onset ? .onset : .recovery, HistoryEntry(change), at: now.monotonic)
      }
      return news
    }
    for change in news.changes { notify(.change(change)) }
    if let failure = news.failure { ended(failure) }
  }

  /// What a second finds out.
  private struct Second {
    var known: [ChangePoint] = []
    var judged: [(name: String, judge: Judge, evidence: Evidence)] = []
    var sent = 0
  }

  /// What is due each second: the summary, the verdicts, a sign of life, and what was sent is charged for.
  private func second() {
    if let reason = objection() { return ended(reason) }
    let now = SystemClock.moment()
    let second = state.withLock { state -> Second in
      guard let run = state.run else { return Second() }
      let sent = run.second(at: now.monotonic)
      state.tell(.summary, run.measurement.report(ended: now.monotonic, includesProbes: false), at: now.monotonic)
      if run.isSignDue { state.send(StreamFrame.comment("still here"), counters: counters) }
      let known = run.waysKnown()
      for change in known { state.tell(.onset, HistoryEntry(change), at: now.monotonic) }
      let wanted = Set(state.readers.values.compactMap(\.judge))
      let judged = state.judges.filter { wanted.contains($0.key) }.map { name, judge in
        (name, judge, run.window.evidence(judge.window, at: now.monotonic))
      }
      return Second(known: known, judged: judged, sent: sent)
    }
    leases.budget.owe(second.sent, to: terms.endpoint.address, leases.rules.now.limits, at: now.monotonic)
    for (name, judge, evidence) in second.judged {
      let piece = StreamFrame.event(.verdict, check(evidence, judge, at: now.realtime))
      state.withLock { $0.send(piece, to: name, counters: counters) }
    }
    for change in second.known { notify(.change(change)) }
    notify(.second)
  }

  // MARK: Readers

  /// A reader, who is told first what followed the event that it has seen last.
  /// - Parameters:
  ///   - judge: The name of claims, with what judges them.
  ///   - lastEvent: The last event that was seen; nil for none.
  /// - Returns: What `leave` takes.
  func join(_ judge: (name: String, judge: Judge)?, after lastEvent: String?) -> (number: Int, reader: StreamReader) {
    let now = SystemClock.now()
    let (number, reader) = state.withLock { state -> (Int, StreamReader) in
      let missed = lastEvent.map { state.history.after($0, at: now) } ?? []
      let end = state.run == nil ? state.lastEnd.map { [$0] } ?? [] : []
      let reader = StreamReader(judge: judge?.name, backlog: [StreamFrame.opening] + missed + end)
      if let judge { state.judges[judge.name] = judge.judge }
      state.nextReader += 1
      if state.run == nil { reader.end() } else { state.readers[state.nextReader] = reader }
      return (state.nextReader, reader)
    }
    counters.joined()
    return (number, reader)
  }

  /// A reader has left.
  func leave(_ number: Int, _ reader: StreamReader) {
    reader.end()
    state.withLock { state in
      state.readers[number] = nil
      if let judge = reader.judge, !state.readers.values.contains(where: { $0.judge == judge }) {
        state.judges[judge] = nil
      }
    }
    counters.left(missed: reader.missed)
  }

  // MARK: How it stands

  /// What its window holds, what has changed, and whether it has learned enough to tell.
  var standing: (evidence: Evidence, open: [ChangePoint], isLearning: Bool)? {
    let now = SystemClock.now()
    return state.withLock { state in
      state.run.map { ($0.window.evidence(window, at: now), $0.watch.open, $0.watch.isLearning) }
    }
  }

  /// The probes from this number on that have ended, and the number behind them; nil while it is not running.
  func samples(from sequence: Int) -> (samples: [Sample], next: Int)? {
    state.withLock { $0.run?.window.samples(from: sequence) }
  }

  /// Counts since it began; nil while it is not running.
  var statistics: SeriesStatistics? { state.withLock { $0.run?.measurement.statistics } }

  private func check(_ evidence: Evidence, _ judge: Judge, at time: KernelTimestamp) -> CheckReport {
    let outcome = judge.judge.judge(evidence)
    let open = state.withLock { $0.run?.watch.open ?? [] }
    return CheckReport(
      id: judge.id, verdict: outcome.verdict, reason: outcome.reason, target: target, at: time.rfc3339,
      windowMs: judge.window.milliseconds, claims: outcome.claims, open: open.map(HistoryEntry.init),
      window: WindowReport(evidence.samples))
  }

  /// Whom it probes, as results say it.
  var target: PingReport.Target { PingReport.Target(input: input, terms.endpoint) }
}

extension LiveSeries.State {
  /// Writes an event with a number, and keeps it for the last minute.
  fileprivate mutating func tell(_ event: StreamFrame.Event, _ value: some JSONWritable, at now: MonotonicInstant) {
    let piece = StreamFrame.event(event, id: history.nextID, value)
    history.add(piece, at: now)
    for reader in readers.values { _ = reader.put(piece) }
  }

  /// Hands something on that nobody is told again; who does not read any more is left.
  fileprivate mutating func send(_ piece: ByteBuffer, to judge: String? = nil, counters: StreamCounters) {
    for (number, reader) in readers where judge == nil || reader.judge == judge {
      guard !reader.put(piece) else { continue }
      readers[number] = nil
      counters.dropped()
    }
  }
}
