internal import Glibc
internal import SynCore
internal import SynProbe
internal import SynSystem

/// Colours, where they are wanted.
struct TextStyle {
  let isOn: Bool

  /// NO_COLOR (no-color.org) and terminals that cannot.
  static var environmentAllowsColor: Bool {
    let noColor = getenv("NO_COLOR").map { String(cString: $0) } ?? ""
    let terminal = getenv("TERM").map { String(cString: $0) } ?? "dumb"
    return noColor.isEmpty && terminal != "dumb"
  }

  func paint(_ text: String, _ outcome: ProbeOutcome.Kind) -> String {
    guard isOn else { return text }
    let code =
      switch outcome {
      case .open: 32
      case .closed, .filtered, .unexpected: 33
      case .lost, .blocked: 31
      case .cancelled: 2
      }
    return "\u{1b}[\(code)m\(text)\u{1b}[0m"
  }
}

/// One line a probe, then a summary.
struct TextPrinter: Printer {
  private let output: StandardOutput
  private let isQuiet: Bool
  private let isVerbose: Bool
  private let hasTimes: Bool
  private let hasHistogram: Bool
  private let style: TextStyle
  /// The width of the longest name, so that the lines of several targets align; 0 for one target, which needs no name.
  private let nameWidth: Int

  /// Shows a run to several targets of these names, or to one, whose name is not repeated.
  init(_ output: StandardOutput, _ plan: PingPlan, names: [String]) {
    self.output = output
    isQuiet = plan.isQuiet
    isVerbose = plan.isVerbose
    hasTimes = plan.hasTimes
    hasHistogram = plan.hasHistogram
    style = TextStyle(isOn: plan.usesColor && output.isTerminal)
    nameWidth = names.map(\.count).max() ?? 0
  }

  func started(_ measurement: Measurement) throws(CommandFailure) {
    if !isQuiet { try line(SummaryText(measurement).header) }
  }

  func changedPath(_ measurement: Measurement) throws(CommandFailure) {
    if !isQuiet { try line(SummaryText(measurement).furtherPath) }
  }

  func probe(_ result: ProbeResult, of measurement: Measurement) throws(CommandFailure) {
    if isQuiet { return }
    let word = result.outcome.kind.rawValue
    let padding = String(repeating: " ", count: max(6 - word.count, 0))
    try line(
      "\(prefix(measurement))\(style.paint(word, result.outcome.kind))\(padding) seq=\(result.request.sequence)"
        + details(result, measurement))
  }

  func report(_ report: AnomalyReport, of measurement: Measurement) throws(CommandFailure) {
    guard isVerbose || report.kind == .late, !isQuiet else { return }
    let sequence = report.sequence.map { " seq=\($0)" } ?? ""
    let roundTrip = report.roundTrip.map { " rtt=\($0.millisecondsText) ms, after the timeout" } ?? ""
    let stranger = report.stranger.map { " from \($0), not the target" } ?? ""
    try line("\(prefix(measurement))\(report.kind.noun(report.count))\(sequence)\(roundTrip)\(stranger)")
  }

  func finished(_ measurement: Measurement, at time: MonotonicInstant) throws(CommandFailure) {
    let text = SummaryText(measurement)
    for words in text.lines(heardUntil: time) + (hasHistogram ? text.histogram : []) { try line(words) }
  }

  /// A line, behind the time of day where that is asked for.
  private func line(_ text: String) throws(CommandFailure) {
    try output.line(hasTimes ? "\(SystemClock.realtime().rfc3339) \(text)" : text)
  }

  private func prefix(_ measurement: Measurement) -> String {
    guard nameWidth > 0 else { return "" }
    let name = measurement.input
    return name + String(repeating: " ", count: max(nameWidth - name.count, 0) + 1)
  }

  private func details(_ result: ProbeResult, _ measurement: Measurement) -> String {
    let interface = measurement.path?.interface
    if result.outcome.explanation(timeout: result.request.timeout, interface: interface) != nil {
      return result.explanation(interface: interface).map { " \($0)" } ?? ""
    }
    var text = result.reply.map { " ttl=\($0.hopLimit)" } ?? ""
    text += result.observation.roundTrip.map { " rtt=\($0.millisecondsText) ms" } ?? " rtt unknown"
    let segments = [
      ("egress", result.observation.egress), ("network", result.observation.network),
      ("ingress", result.observation.ingress),
    ]
    for case (let name, let time?) in segments { text += "  \(name) \(time.millisecondsText)" }
    if isVerbose, let reply = result.reply {
      text +=
        "  port=\(result.localPort ?? 0) win=\(reply.window)" + (reply.maximumSegmentSize.map { " mss=\($0)" } ?? "")
    }
    if let words = result.explanation(interface: interface) { text += "  (\(words))" }
    return text
  }
}

extension Anomaly {
  /// The anomaly in words, with its count where that is not one.
  func noun(_ count: UInt64) -> String {
    let one: String
    let many: String
    switch self {
    case .duplicates: (one, many) = ("duplicate", "duplicates")
    case .retransmissions: (one, many) = ("retransmission", "retransmissions")
    case .late: (one, many) = ("late", "late")
    case .reordered: (one, many) = ("reordered", "reordered")
    case .corrupt: (one, many) = ("corrupt", "corrupt")
    case .unmatched: (one, many) = ("unmatched", "unmatched")
    case .captureDrops: (one, many) = ("capture drop", "capture drops")
    case .clockSteps: (one, many) = ("clock step", "clock steps")
    case .leftovers: (one, many) = ("leftover connection at the target", "leftover connections at the target")
    case .stalls: (one, many) = ("stall", "stalls")
    }
    return count == 1 ? one : "\(count) \(many)"
  }
}
