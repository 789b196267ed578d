internal import NIOPosix
internal import SynCore
internal import SynSystem
internal import SynVerify
internal import Synchronization

/// Keeps monitors and what happened to them over a restart: all of SQLite's work on a thread of its own.
///
/// When the file can no longer be written the service goes on without it, and says so.
final class MonitorStore: Sendable {
  /// A monitor as it was kept.
  struct Kept: Sendable {
    let id: String
    let createdAt: KernelTimestamp
    /// Empty for one of a configuration file, of which the history alone is kept.
    let body: String
    var history: [HistoryEntry]
  }

  /// What happened to a monitor, on its way to the disk.
  struct Note: Sendable {
    let id: String
    let entry: HistoryEntry
    let at: KernelTimestamp
  }

  /// Notes that wait for the disk at most; the oldest are dropped.
  private static let mostWaiting = 4096

  private struct State {
    var failure: String?
    var waiting: [Note] = []
    var dropped = 0
    var isFlushing = false
  }

  /// What was there when the file was opened.
  let loaded: [Kept]
  private let file: StateFile
  private let log: ServiceLog
  private let thread = NIOThreadPool(numberOfThreads: 1)
  private let state = Mutex(State())

  /// Opens the file, or makes it.
  /// - Throws: `StateFile.Failure`, when it is damaged or cannot be opened.
  init(_ file: StateFile, _ log: ServiceLog) throws(StateFile.Failure) {
    self.file = file
    self.log = log
    loaded = try file.load()
    thread.start()
  }

  /// Whether the last thing that was to be kept could be.
  var isGood: Bool { state.withLock { $0.failure == nil } }

  /// What happened and could not be kept.
  var dropped: Int { state.withLock { $0.dropped } }

  /// Keeps a monitor.
  /// - Returns: Whether it is on the disk.
  func insert(_ id: String, _ createdAt: KernelTimestamp, _ body: String) async -> Bool {
    await done { file throws(StateFile.Failure) in try file.insert(id, createdAt, body) }
  }

  /// Forgets some, with their history.
  /// - Returns: Whether the disk has them no more.
  func delete(_ ids: [String]) async -> Bool {
    await done { file throws(StateFile.Failure) in try file.delete(ids) }
  }

  /// Keeps what happened to one; it is on the disk some time after.
  func append(_ id: String, _ entry: HistoryEntry) {
    let note = Note(id: id, entry: entry, at: SystemClock.realtime())
    let isFirst = state.withLock { state in
      if state.waiting.count >= MonitorStore.mostWaiting {
        state.waiting.removeFirst()
        state.dropped += 1
      }
      state.waiting.append(note)
      defer { state.isFlushing = true }
      return !state.isFlushing
    }
    guard isFirst else { return }
    thread.submit { [self] status in
      if case .active = status { flush() }
    }
  }

  /// Writes what waits; what cannot be written waits for the next time.
  private func flush() {
    let notes = state.withLock { state in
      state.isFlushing = false
      defer { state.waiting = [] }
      return state.waiting
    }
    guard !notes.isEmpty, !attempt({ file throws(StateFile.Failure) in try file.append(notes) }) else { return }
    state.withLock { state in
      let room = MonitorStore.mostWaiting - state.waiting.count
      state.dropped += max(notes.count - room, 0)
      state.waiting = notes.suffix(room) + state.waiting
    }
  }

  /// Writes what waits, and closes the file.
  func close() async {
    try? await thread.runIfActive { [self] in flush() }
    try? await thread.shutdownGracefully()
    file.close()
  }

  private func done(_ work: @escaping @Sendable (StateFile) throws(StateFile.Failure) -> Void) async -> Bool {
    (try? await thread.runIfActive { [self] in attempt(work) }) ?? false
  }

  private func attempt(_ work: (StateFile) throws(StateFile.Failure) -> Void) -> Bool {
    do throws(StateFile.Failure) {
      try work(file)
      if state.withLock({ $0.failure.take() }) != nil { log.say("info", "the state file can be written again") }
      return true
    } catch {
      let isNew = state.withLock { state in
        defer { state.failure = error.description }
        return state.failure != error.description
      }
      if isNew { log.say("error", "the state file cannot be written", ("message", error.description)) }
      return false
    }
  }
}
