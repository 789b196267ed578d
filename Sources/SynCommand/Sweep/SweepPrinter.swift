internal import SynCore
internal import SynIO
internal import SynProbe
internal import SynSweep
internal import SynWire

/// What is printed of the targets of a sweep, one line each, gathered until it is written.
struct SweepPrinter {
  private let format: SweepFormat
  private let choice: SweepChoice
  /// What waits to be written.
  private(set) var waiting = ""
  /// Lines so far.
  private(set) var lines: UInt64 = 0

  init(_ format: SweepFormat, _ choice: SweepChoice) {
    self.format = format
    self.choice = choice
    if format == .csv { waiting = "address,port,outcome,rtt_ms,ttl,reason\n" }
  }

  /// Forgets what was written.
  mutating func wasWritten() { waiting.removeAll(keepingCapacity: true) }

  /// Whether those that did not answer are printed.
  static func tellsMissed(_ choice: SweepChoice) -> Bool { choice == .all }

  /// The first answer of a target.
  mutating func answer(_ answer: SweepAnswer) {
    switch answer.outcome {
    case .open where choice != .closed:
      line(answer.target, "open", answer.roundTrip, answer.hopLimit, nil)
    case .closed where choice != .open:
      line(answer.target, "closed", answer.roundTrip, answer.hopLimit, nil)
    case .filtered(let error) where choice == .answered || choice == .all:
      line(answer.target, "filtered", answer.roundTrip, nil, "\(error)")
    case .open, .closed, .filtered: break
    }
  }

  /// A target that did not answer.
  mutating func missed(_ target: Endpoint) { line(target, "lost", nil, nil, nil) }

  /// A target that this host did not send to.
  mutating func refused(_ target: Endpoint, _ failure: SendFailure) {
    if choice == .all { line(target, "blocked", nil, nil, "\(failure.name): \(failure.meaning)") }
  }

  private mutating func line(
    _ target: Endpoint, _ outcome: StaticString, _ roundTrip: Duration?, _ hopLimit: UInt8?, _ reason: String?
  ) {
    lines += 1
    switch format {
    case .text:
      waiting += "\(target) \(outcome)"
      if let roundTrip { waiting += " rtt=\(roundTrip.millisecondsText) ms" }
      if let hopLimit { waiting += " ttl=\(hopLimit)" }
      if let reason { waiting += " (\(reason))" }
    case .csv:
      waiting += "\(target.address),\(target.port),\(outcome),\(roundTrip.map { $0.milliseconds.jsonText } ?? "")"
      waiting += ",\(hopLimit.map { "\($0)" } ?? ""),\(CSVPrinter.quoted(reason ?? ""))"
    case .jsonl:
      var json = JSONWriter()
      json.object { json in
        json.member("schema", "synprobe.sweep/1")
        json.member("address", "\(target.address)")
        json.member("port", Int(target.port))
        json.member("outcome", "\(outcome)")
        json.member("rtt_ms", roundTrip?.milliseconds)
        json.member("ttl", hopLimit.map { Int($0) })
        json.member("reason", reason)
      }
      waiting += json.text
    }
    waiting += "\n"
  }
}
