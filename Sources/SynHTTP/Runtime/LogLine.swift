internal import SynCore
internal import SynProbe

/// One line of the log: a JSON object whose members stand in the order in which they were added.
struct LogLine {
  private(set) var text: String

  /// Begins with the time, the level, and what happened.
  init(_ level: String, _ event: String, at time: String) {
    text = "{\"time\":\"\(time)\",\"level\":\"\(level)\""
    add("event", event)
  }

  /// Adds a text, its control characters spelled out.
  mutating func add(_ key: String, _ value: String?) {
    guard let value else { return }
    text += ",\"\(key)\":\(JSONText.quoted(value.escaped))"
  }

  /// Adds a number.
  mutating func add(_ key: String, _ value: Int) {
    text += ",\"\(key)\":\(value)"
  }

  /// Adds a duration in milliseconds.
  mutating func add(_ key: String, _ value: Duration) {
    text += ",\"\(key)\":\(Double(value.nanoseconds) / 1e6)"
  }

  /// The line as it is written.
  var line: String { text + "}\n" }
}
