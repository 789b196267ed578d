internal import HTTPTypes
internal import Logging
internal import SynEdge
internal import SynProbe
internal import SynSystem
internal import SynWire

/// The log of the service: a JSON object a line, on stderr.
struct ServiceLog: Sendable {
  private let sink: LogSink

  init() throws(SystemError) {
    sink = try LogSink()
  }

  /// Writes what happened to the service itself.
  func say(_ level: String, _ event: String, _ members: (String, String)...) {
    var line = begin(level, event)
    for (key, value) in members { line.add(key, value) }
    write(line)
  }

  /// Writes that a connection's bytes were refused before any route saw them.
  func refused(_ problem: Problem, client: IPAddress?) {
    var line = begin("info", "refused")
    line.add("client", client.map { "\($0)" })
    line.add("status", problem.kind.status.code)
    line.add("problem", problem.kind.rawValue)
    line.add("detail", problem.detail)
    write(line)
  }

  /// A line with the time and the event in it.
  func begin(_ level: String, _ event: String) -> LogLine {
    LogLine(level, event, at: SystemClock.realtime().rfc3339)
  }

  func write(_ line: LogLine) { sink.write(line.line) }

  /// Waits a moment until all is written.
  func close() { sink.close(patience: .milliseconds(300)) }

  /// What libraries have to say, from errors on.
  var logger: Logger {
    Logger(label: "synprobe") { _ in LibraryLog(log: self) }
  }
}

/// Lets libraries write to the log of the service.
private struct LibraryLog: LogHandler {
  let log: ServiceLog
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.error

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    log.say(event.level.rawValue, "library", ("message", "\(event.message)"))
  }
}
