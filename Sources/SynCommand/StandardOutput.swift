internal import Glibc
internal import SynCore
internal import SynSystem

/// Where the results go, and the signals that end the wait for a reader who has stopped reading.
final class StandardOutput {
  /// Whether people look at it.
  let isTerminal = isatty(STDOUT_FILENO) == 1
  /// The signals that end the run.
  let signals: TerminationSignals
  /// The signal that ended the run while a reader was waited for, until the run has taken it.
  private var unhanded: Int32?
  private var ending: Int32?
  private var patienceEnds: MonotonicInstant?

  /// How long a reader may take for what is left, once a signal has ended the run.
  private static let patience = Duration.milliseconds(500)
  /// What a pipe that is ready takes without a wait (POSIX PIPE_BUF on Linux).
  private static let most = 4096

  /// Waits for signals: with `answersStop` for the user's wish to stop the process (Ctrl-Z), too, while `Process.hold` has it
  /// wait; it is followed at once otherwise.
  init(answersStop: Bool = false) throws(SystemError) {
    signals = try TerminationSignals(answersStop: answersStop)
    if answersStop { Process.hold(stops: false) }
  }

  /// Takes the next signal; nil when there is none.
  func nextRequest() -> TerminationSignals.Request? {
    if let signal = unhanded {
      unhanded = nil
      return .end(signal: signal)
    }
    let request = signals.next()
    if case .end(let signal) = request { end(by: signal) }
    return request
  }

  /// Writes `text` whole.
  /// - Throws: `CommandFailure` with status 74, silent when the reader has left, as for `| head -1`; 128 + n when a
  ///   signal came and the reader does not read.
  func write(_ text: String) throws(CommandFailure) { try write(Array(text.utf8)) }

  /// The same of a text's octets.
  func write(_ octets: [UInt8]) throws(CommandFailure) {
    var bytes = octets[...]
    while !bytes.isEmpty {
      try waitUntilWritable()
      let part = bytes.prefix(StandardOutput.most)
      let written = part.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if written > 0 { bytes = bytes.dropFirst(written) }
      guard written < 0, errno != EINTR, errno != EAGAIN else { continue }
      let reason = errno == EPIPE ? "" : "cannot write the results: \(String(cString: strerror(errno)))"
      throw CommandFailure(.outputFailed, reason)
    }
  }

  /// Writes `text` and a line feed.
  func line(_ text: String) throws(CommandFailure) {
    try write(text + "\n")
  }

  /// Columns and rows of the terminal, or 80 and 24.
  var size: (columns: Int, rows: Int) {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 else { return (80, 24) }
    return (size.ws_col > 0 ? Int(size.ws_col) : 80, size.ws_row > 0 ? Int(size.ws_row) : 24)
  }

  /// Columns of the terminal, or 80.
  var columns: Int { size.columns }

  private func waitUntilWritable() throws(CommandFailure) {
    while true {
      var polled = [
        pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0),
        pollfd(fd: signals.rawValue, events: Int16(POLLIN), revents: 0),
      ]
      let left = patienceEnds.map { max($0.since(SystemClock.now()).nanoseconds / 1_000_000 + 1, 0) }
      poll(&polled, ending == nil ? 2 : 1, Int32(left ?? -1))
      if polled[0].revents != 0 { return }
      if ending == nil, case .end(let signal) = signals.next() {
        end(by: signal)
        unhanded = signal
      }
      if let ending, let patienceEnds, patienceEnds <= SystemClock.now() {
        throw CommandFailure(.interrupted(by: ending), "")
      }
    }
  }

  private func end(by signal: Int32) {
    if ending == nil { patienceEnds = SystemClock.now().advanced(by: StandardOutput.patience) }
    ending = signal
  }
}
