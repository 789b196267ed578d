internal import Glibc
internal import SynCore
internal import SynProbe
internal import Synchronization

/// The exit statuses of the command.
struct ExitStatus: Equatable {
  let rawValue: Int32

  /// At least one probe found its target open; for a verdict: as claimed.
  static let yes = ExitStatus(rawValue: 0)
  /// No target answered open; for a verdict: not as claimed.
  static let no = ExitStatus(rawValue: 1)
  /// A verdict that is neither yes nor no.
  static let inconclusive = ExitStatus(rawValue: 2)
  /// Bad usage or input.
  static let usage = ExitStatus(rawValue: 64)
  /// A name was not resolved.
  static let noHost = ExitStatus(rawValue: 68)
  /// A fault of the program itself.
  static let `internal` = ExitStatus(rawValue: 70)
  /// The operating system refused a socket or the capture.
  static let systemRefused = ExitStatus(rawValue: 71)
  /// The results could not be written.
  static let outputFailed = ExitStatus(rawValue: 74)
  /// CAP_NET_RAW is missing.
  static let notPermitted = ExitStatus(rawValue: 77)

  /// Ended by a signal.
  static func interrupted(by signal: Int32) -> ExitStatus { ExitStatus(rawValue: 128 + signal) }
}

/// The end of the program before its results, with what to say about it.
struct CommandFailure: Error {
  let status: ExitStatus
  let message: String

  init(_ status: ExitStatus, _ message: String) {
    self.status = status
    self.message = message
  }

  /// Whether a signal ended the program.
  var isInterruption: Bool { status.rawValue > 128 }

  init(_ error: ProberError) {
    switch error.code {
    case .notPermitted: self.init(.notPermitted, ([error.message] + error.remedies).joined(separator: "\n  "))
    default: self.init(.systemRefused, "\(error)")
    }
  }
}

/// Messages for people, on stderr.
enum Diagnostics {
  static func say(_ message: String) { write("\(ProgramName.current): \(message)\n") }

  /// A line that needs no name before it: a verdict, which tools that run a command show as the reason, or a line that
  /// another program's readers know.
  static func sayPlainly(_ line: String) { write(line + "\n") }

  /// Says when fewer probes were sent than asked for: a run never lasts longer than its plan.
  static func sayShortfall(_ sent: Int, of count: Int, to target: String? = nil, remedy: String) {
    guard sent < count else { return }
    let subject = target.map { "\($0): " } ?? ""
    say("\(subject)only \(sent) of \(count) probes could be sent in the time of the run; \(remedy)")
  }

  /// Whether the reader did not read when there was something to say: then he is waited for no more.
  private static let isUnread = Mutex(false)

  private static func write(_ message: String) {
    var text = message
    // A reader who does not read is hardly waited for: the run must be able to end.
    var ready = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
    let isReady = poll(&ready, 1, isUnread.withLock { $0 } ? 0 : 200) != 0
    isUnread.withLock { $0 = !isReady }
    guard isReady else { return }
    text.withUTF8 { bytes in _ = Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
  }
}
