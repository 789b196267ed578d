internal import Glibc

/// Results, on stdout, a line at a time.
///
/// A failed write ends the program's run, not the program.
final class StandardOutput {
  /// Whether people look at it.
  let isTerminal = isatty(STDOUT_FILENO) == 1

  /// Writes `text` whole.
  /// - Throws: `CommandFailure` with status 74; silent when the reader has left, as for `| head -1`.
  func write(_ text: String) throws(CommandFailure) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if written > 0 { bytes = bytes.dropFirst(written) }
      guard written < 0, errno != EINTR else { continue }
      if errno == EAGAIN { waitUntilWritable(); continue }
      let reason = errno == EPIPE ? "" : "cannot write the results: \(String(cString: strerror(errno)))"
      throw CommandFailure(.outputFailed, reason)
    }
  }

  /// Writes `text` and a line feed.
  func line(_ text: String) throws(CommandFailure) {
    try write(text + "\n")
  }

  /// Columns of the terminal, or 80.
  var columns: Int {
    var size = winsize()
    return ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
  }

  private func waitUntilWritable() {
    var descriptor = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
    poll(&descriptor, 1, 100)
  }
}
