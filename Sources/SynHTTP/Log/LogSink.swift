internal import Glibc
internal import SynCore
internal import SynProbe
internal import SynSystem
internal import Synchronization

/// Writes lines to stderr on a thread of its own, so that a reader who does not read holds up nothing but the log.
///
/// What does not fit into the buffer is dropped and counted.
final class LogSink: Sendable {
  private struct Buffer {
    var bytes: [UInt8] = []
    var dropped = 0
    var isIdle = true
    var isEnding = false
  }

  private static let capacity = 1024 * 1024
  /// Lines that come this close together are written together.
  private static let gathering = Duration.milliseconds(5)
  private let buffer = Mutex(Buffer())
  private let wake: WakeDescriptor
  private let drained: WakeDescriptor

  /// Starts the thread.
  init() throws(SystemError) {
    wake = try WakeDescriptor()
    drained = try WakeDescriptor()
    try WorkerThread.start { [self] in run() }
  }

  /// Takes a line, or drops it.
  func write(_ line: String) {
    let wasIdle = buffer.withLock { buffer in
      guard buffer.bytes.count + line.utf8.count <= LogSink.capacity else {
        buffer.dropped += 1
        return false
      }
      buffer.bytes += line.utf8
      defer { buffer.isIdle = false }
      return buffer.isIdle
    }
    if wasIdle { wake.signal() }
  }

  /// Lets the thread end, and waits up to `patience` until all is written.
  func close(patience: Duration) {
    buffer.withLock { $0.isEnding = true }
    wake.signal()
    Waiting.wait(for: [drained.rawValue], until: SystemClock.now().advanced(by: patience))
  }

  private func run() {
    while true {
      Waiting.wait(for: [wake.rawValue], until: nil)
      wake.clear()
      Waiting.wait(for: [wake.rawValue], until: SystemClock.now().advanced(by: LogSink.gathering))
      let isEnding = drain()
      if isEnding { break }
    }
    drained.signal()
  }

  /// Writes until nothing is left; whether the log ends.
  private func drain() -> Bool {
    while true {
      let (bytes, dropped, isEnding) = buffer.withLock { buffer in
        defer {
          buffer.isIdle = buffer.bytes.isEmpty
          buffer.bytes = []
          buffer.dropped = 0
        }
        return (buffer.bytes, buffer.dropped, buffer.isEnding)
      }
      if bytes.isEmpty { return isEnding }
      LogSink.writeOut(bytes)
      if dropped > 0 { LogSink.writeOut(Array(LogSink.notice(dropped).utf8)) }
    }
  }

  private static func notice(_ dropped: Int) -> String {
    var line = LogLine("warning", "log lines dropped", at: SystemClock.realtime().rfc3339)
    line.add("lines", dropped)
    return line.line
  }

  private static func writeOut(_ bytes: [UInt8]) {
    var start = 0
    while start < bytes.count {
      let written = bytes[start...].withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
      if written > 0 { start += written } else if errno == EAGAIN { poll() } else if errno != EINTR { return }
    }
  }

  /// stderr may be a descriptor that does not block: it is shared with whoever started the program.
  private static func poll() {
    var ready = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
    _ = Glibc.poll(&ready, 1, 1000)
  }
}
