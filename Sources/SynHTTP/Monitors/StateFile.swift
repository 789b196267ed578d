internal import CSQLite
internal import FoundationEssentials
internal import Glibc
internal import SynCore
internal import SynProbe
internal import SynVerify
internal import Synchronization

/// The file of `--state`: an SQLite database, of which every change is whole or not there.
final class StateFile: Sendable {
  /// Why it cannot be read or written, and what to do.
  struct Failure: Error, Sendable, CustomStringConvertible {
    let description: String
  }

  private static let version = 1
  let path: String
  private let counts = Mutex<[String: Int]>([:])
  private let connection: Mutex<OpaquePointer?>

  /// Opens the file, or makes it.
  init(_ path: String) throws(Failure) {
    self.path = path
    var handle: OpaquePointer?
    let status = sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, nil)
    connection = Mutex(handle)
    guard status == SQLITE_OK else { throw failure() }
    guard connection.withLock({ sqlite3_db_readonly($0, "main") }) != 1 else {
      throw Failure(description: "\(path.escaped): the file, or its disk, is read-only")
    }
    try prepare()
  }

  deinit { close() }

  func close() {
    connection.withLock { connection in
      sqlite3_close_v2(connection)
      connection = nil
    }
  }

  private func prepare() throws(Failure) {
    connection.withLock { _ = sqlite3_busy_handler($0, StateFile.waitForPredecessor, nil) }
    try run("PRAGMA locking_mode = EXCLUSIVE")
    try run("PRAGMA journal_mode = WAL")
    // What is written is on the disk before it is acknowledged.
    try run("PRAGMA synchronous = FULL")
    var isWhole = false
    try query("PRAGMA quick_check(1)") { isWhole = $0.text(0) == "ok" }
    guard isWhole else {
      throw Failure(description: "\(path.escaped): the file is damaged: move it away, and begin anew")
    }
    var version = 0
    try query("PRAGMA user_version") { version = $0.integer(0) }
    guard version <= StateFile.version else {
      throw Failure(description: "\(path.escaped): the file is of a later version of this program")
    }
    try transaction { () throws(Failure) in
      try run(
        """
        CREATE TABLE IF NOT EXISTS monitors (id TEXT PRIMARY KEY, created_ns INTEGER NOT NULL, body TEXT NOT NULL);
        CREATE TABLE IF NOT EXISTS history (number INTEGER PRIMARY KEY, monitor TEXT NOT NULL, is_window INTEGER NOT NULL,
          at_ns INTEGER NOT NULL, entry TEXT NOT NULL);
        CREATE INDEX IF NOT EXISTS history_of ON history (monitor, is_window, number);
        PRAGMA user_version = \(StateFile.version);
        """)
    }
    try run("PRAGMA busy_timeout = 500")
  }

  /// One service at a time has the file; its predecessor may need some seconds to end, unless this one is to end itself.
  private static let waitForPredecessor: @convention(c) (UnsafeMutableRawPointer?, Int32) -> Int32 = { _, tries in
    var pending = sigset_t()
    sigpending(&pending)
    guard tries < 120, sigismember(&pending, SIGTERM) != 1, sigismember(&pending, SIGINT) != 1 else { return 0 }
    usleep(50_000)
    return 1
  }

  // MARK: What is kept

  /// All monitors, and the last of what happened to them; monitors of a configuration file have a history alone.
  func load() throws(Failure) -> [MonitorStore.Kept] {
    var kept: [String: MonitorStore.Kept] = [:]
    try query("SELECT id, created_ns, body FROM monitors") { row in
      kept[row.text(0)] = MonitorStore.Kept(
        id: row.text(0), createdAt: KernelTimestamp(nanoseconds: Int64(row.integer(1))), body: row.text(2), history: [])
    }
    try query("SELECT monitor, entry FROM history ORDER BY number") { row in
      guard let entry = try? JSONDecoder().decode(Entry.self, from: Data(row.text(1).utf8)) else { return }
      let blank = MonitorStore.Kept(
        id: row.text(0), createdAt: KernelTimestamp(nanoseconds: 0), body: "", history: [])
      kept[row.text(0), default: blank].history.append(entry.value)
    }
    return kept.values.sorted { $0.id < $1.id }
  }

  func insert(_ id: String, _ createdAt: KernelTimestamp, _ body: String) throws(Failure) {
    try query(
      "INSERT OR REPLACE INTO monitors VALUES (?, ?, ?)",
      [.text(id), .integer(createdAt.nanoseconds), .text(body)])
  }

  func delete(_ ids: [String]) throws(Failure) {
    try transaction { () throws(Failure) in
      for id in ids {
        try query("DELETE FROM monitors WHERE id = ?", [.text(id)])
        try query("DELETE FROM history WHERE monitor = ?", [.text(id)])
      }
    }
  }

  /// Appends what happened, and throws away what is not read again: all of it, or nothing.
  func append(_ notes: [MonitorStore.Note]) throws(Failure) {
    try transaction { () throws(Failure) in
      for note in notes {
        try query(
          "INSERT INTO history (monitor, is_window, at_ns, entry) VALUES (?, ?, ?, ?)",
          [
            .text(note.id), .integer(note.entry.kind == "window" ? 1 : 0), .integer(note.at.nanoseconds),
            .text(note.entry.jsonText),
          ])
      }
      // Of each kind some more than are read, so that it is seldom asked for in vain.
      for id in Set(notes.map(\.id)) where appended(id) % 32 == 0 {
        for isWindow in [Int64(0), 1] {
          try query(
            """
            DELETE FROM history WHERE monitor = ?1 AND is_window = ?2 AND number <= (SELECT number FROM history
              WHERE monitor = ?1 AND is_window = ?2 ORDER BY number DESC LIMIT 1 OFFSET \(MonitorHistory.most))
            """, [.text(id), .integer(isWindow)])
        }
      }
    }
  }

  /// How often something of a monitor was appended, this time among them.
  private func appended(_ id: String) -> Int {
    counts.withLock { counts in
      counts[id, default: 0] += 1
      return counts[id, default: 0]
    }
  }

  private struct Entry: Decodable {
    let value: HistoryEntry
    init(from decoder: any Decoder) throws { value = try HistoryEntry(reading: decoder) }
  }

  // MARK: Statements

  /// Does all of it, or nothing.
  private func transaction(_ body: () throws(Failure) -> Void) throws(Failure) {
    try run("BEGIN IMMEDIATE")
    do throws(Failure) {
      try body()
      try run("COMMIT")
    } catch {
      _ = connection.withLock { sqlite3_exec($0, "ROLLBACK", nil, nil, nil) }
      throw error
    }
  }

  private enum Value {
    case text(String)
    case integer(Int64)
  }

  private struct Row {
    let statement: OpaquePointer?

    func text(_ column: Int32) -> String { sqlite3_column_text(statement, column).map { String(cString: $0) } ?? "" }
    func integer(_ column: Int32) -> Int { Int(sqlite3_column_int64(statement, column)) }
  }

  private func run(_ statements: String) throws(Failure) {
    let status = connection.withLock { sqlite3_exec($0, statements, nil, nil, nil) }
    guard status == SQLITE_OK else { throw failure() }
  }

  private func query(_ text: String, _ values: [Value] = [], _ row: (Row) -> Void = { _ in }) throws(Failure) {
    let status = connection.withLock { connection -> Int32 in
      var statement: OpaquePointer?
      defer { sqlite3_finalize(statement) }
      var status = sqlite3_prepare_v2(connection, text, -1, &statement, nil)
      guard status == SQLITE_OK else { return status }
      for (index, value) in values.enumerated() {
        switch value {
        // SQLITE_TRANSIENT: it copies what lives no longer than the call.
        case .text(let text):
          sqlite3_bind_text(statement, Int32(index + 1), text, -1, unsafeBitCast(-1, to: sqlite3_destructor_type.self))
        case .integer(let number): sqlite3_bind_int64(statement, Int32(index + 1), number)
        }
      }
      repeat {
        status = sqlite3_step(statement)
        if status == SQLITE_ROW { row(Row(statement: statement)) }
      } while status == SQLITE_ROW
      return status
    }
    guard status == SQLITE_DONE else { throw failure() }
  }

  private func failure() -> Failure {
    let reason = connection.withLock { connection -> String in
      guard let handle = connection else { return "it is closed, or there is no memory" }
      let errno = sqlite3_system_errno(handle)
      let words = String(cString: sqlite3_errmsg(handle))
      return errno == 0 ? words : "\(words) (\(String(cString: strerror(errno))))"
    }
    return Failure(description: "\(path.escaped): \(reason)")
  }
}
