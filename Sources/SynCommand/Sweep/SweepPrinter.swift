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
  private(set) var waiting: [UInt8] = []

  init(_ format: SweepFormat, _ choice: SweepChoice) {
    self.format = format
    self.choice = choice
    if format == .csv { waiting = Array("address,port,outcome,rtt_ms,ttl,reason\n".utf8) }
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
    switch format {
    case .text: text(target, outcome, roundTrip, hopLimit, reason)
    case .csv: row(target, outcome, roundTrip, hopLimit, reason)
    case .jsonl: object(target, outcome, roundTrip, hopLimit, reason)
    }
    waiting.append(UInt8(ascii: "\n"))
  }

  private mutating func text(
    _ target: Endpoint, _ outcome: StaticString, _ roundTrip: Duration?, _ hopLimit: UInt8?, _ reason: String?
  ) {
    let isV6 = target.address.family == .v6
    if isV6 { append("[") }
    append(target.address)
    append(isV6 ? "]:" : ":")
    append(UInt64(target.port))
    append(" ")
    append(outcome)
    if let roundTrip {
      append(" rtt=")
      appendMilliseconds(roundTrip.nanoseconds, places: 3)
      append(" ms")
    }
    if let hopLimit {
      append(" ttl=")
      append(UInt64(hopLimit))
    }
    if let reason { waiting += " (\(reason))".utf8 }
  }

  private mutating func row(
    _ target: Endpoint, _ outcome: StaticString, _ roundTrip: Duration?, _ hopLimit: UInt8?, _ reason: String?
  ) {
    append(target.address)
    append(",")
    append(UInt64(target.port))
    append(",")
    append(outcome)
    append(",")
    if let roundTrip { appendMilliseconds(roundTrip.nanoseconds, places: 6) }
    append(",")
    if let hopLimit { append(UInt64(hopLimit)) }
    append(",")
    if let reason { waiting += CSVPrinter.quoted(reason).utf8 }
  }

  private mutating func object(
    _ target: Endpoint, _ outcome: StaticString, _ roundTrip: Duration?, _ hopLimit: UInt8?, _ reason: String?
  ) {
    var json = JSONWriter(behind: waiting)
    waiting = []
    json.beginObject()
    json.member("schema", "synprobe.sweep/1")
    json.member("address", target.address.description)
    json.member("port", Int(target.port))
    json.member("outcome", outcome.description)
    json.member("rtt_ms", roundTrip?.milliseconds)
    json.member("ttl", hopLimit.map { Int($0) })
    json.member("reason", reason)
    json.endObject()
    waiting = json.bytes
  }

  // MARK: Octets: lines are many, and each of these texts would have memory of its own

  private mutating func append(_ text: StaticString) { text.withUTF8Buffer { waiting += $0 } }

  private mutating func append(_ address: IPAddress) {
    guard address.family == .v4 else {
      waiting += address.description.utf8
      return
    }
    let bits = UInt64(address.bits)
    for place in 0..<4 {
      if place > 0 { append(".") }
      append(bits >> UInt64(24 - 8 * place) & 0xff)
    }
  }

  private mutating func append(_ number: UInt64, digits least: Int = 1) {
    var digits = InlineArray<20, UInt8>(repeating: UInt8(ascii: "0"))
    var rest = number
    var first = digits.count
    while rest > 0 || digits.count - first < least {
      first -= 1
      digits[first] = UInt8(ascii: "0") + UInt8(rest % 10)
      rest /= 10
    }
    for index in first..<digits.count { waiting.append(digits[index]) }
  }

  /// Milliseconds with so many places, rounded.
  private mutating func appendMilliseconds(_ nanoseconds: Int64, places: Int) {
    let unit: UInt64 = places == 3 ? 1_000 : 1
    let scale = 1_000_000 / unit
    let value = (nanoseconds.magnitude + unit / 2) / unit
    append(value / scale)
    append(".")
    append(value % scale, digits: places)
  }
}
