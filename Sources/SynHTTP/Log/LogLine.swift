internal import SynCore
internal import SynProbe

/// One line of the log: a JSON object whose members stand in the order in which they were added.
struct LogLine {
  private var json = JSONWriter()

  /// Begins with the time, the level, and what happened.
  init(_ level: String, _ event: String, at time: String) {
    json.beginObject()
    json.member("time", time)
    json.member("level", level)
    add("event", event)
  }

  /// Adds a text, its control characters spelled out.
  mutating func add(_ key: String, _ value: String?) {
    if let value { json.member(named: key, value.escaped) }
  }

  /// Adds a number.
  mutating func add(_ key: String, _ value: Int) { json.member(named: key, value) }

  /// Adds a duration in milliseconds.
  mutating func add(_ key: String, _ value: Duration) { json.member(named: key, value.milliseconds) }

  /// The line as it is written.
  var line: String {
    var json = json
    json.endObject()
    return json.text + "\n"
  }
}
