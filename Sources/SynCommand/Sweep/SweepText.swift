internal import Glibc
internal import SynCore
internal import SynIO
internal import SynSweep

/// What is said of a sweep as a whole.
struct SweepText {
  private let state: SweepState
  private let leftOut: UInt128
  private let took: Duration

  init(_ state: SweepState, leftOut: UInt128, took: Duration) {
    self.state = state
    self.leftOut = leftOut
    self.took = took
  }

  /// One line of all that was counted.
  var line: String {
    let tally = state.tally
    let seconds = max(took.seconds, 1e-9)
    let rate = Int((Double(tally.sent) / seconds).rounded())
    var parts = ["\(tally.open) open", "\(tally.closed) closed", "\(tally.filtered) filtered"]
    let known = state.isOver ? "lost" : "without an answer so far"
    parts.append("\(state.unanswered) \(known)")
    if tally.refused > 0 { parts.append("\(tally.refused) blocked by this host") }
    parts += ["\(tally.duplicates) duplicates", "\(state.drops) drops"]
    if tally.late > 0 { parts.append("\(tally.late) late") }
    if state.repeated > 0 { parts.append("\(state.repeated) given twice") }
    if tally.unmatched > 0 { parts.append("\(tally.unmatched) unmatched") }
    if leftOut > 0 { parts.append("\(leftOut) special-purpose left out") }
    return "--- \(tally.sent) SYNs in \(SweepText.seconds(took)) s (\(rate)/s): \(parts.joined(separator: ", "))"
  }

  private static func seconds(_ duration: Duration) -> String {
    let hundredths = Int((duration.seconds * 100).rounded())
    let rest = hundredths % 100
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
  }
}

extension SweepState {
  /// Endpoints that were asked, and have neither answered nor been refused.
  var unanswered: UInt64 {
    let ended = tally.answered + tally.refused + repeated
    let here = asked - min(before, asked)
    return here > ended ? here - ended : 0
  }
}

/// A line at the terminal that says how far a sweep is.
struct SweepProgress {
  private let isShown: Bool
  private var next: MonotonicInstant
  private var last: (sent: UInt64, at: MonotonicInstant)
  private var hasLine = false

  private static let interval = Duration.milliseconds(500)
  private static let clearLine = "\r\u{1B}[K"

  init(isShown: Bool, _ begun: MonotonicInstant) {
    self.isShown = isShown
    next = begun.advanced(by: SweepProgress.interval)
    last = (0, begun)
  }

  /// Shows it, where it is time to.
  mutating func show(_ state: SweepState, at now: MonotonicInstant) {
    guard isShown, now >= next else { return }
    next = now.advanced(by: SweepProgress.interval)
    let seconds = max(now.since(last.at).seconds, 1e-9)
    let rate = Double(state.tally.sent - last.sent) / seconds
    last = (state.tally.sent, now)
    let done = state.asked
    var text = "\(Int(rate.rounded()))/s"
    if state.known > 0 { text += ", \(Int(Double(done) / Double(state.known) * 100)) % of \(state.known)" }
    text += ", \(state.tally.answered) answered, \(state.drops) drops"
    if rate > 0, state.known > done { text += ", \(SweepProgress.left(Double(state.known - done) / rate)) left" }
    write(SweepProgress.clearLine + text)
    hasLine = true
  }

  /// Takes the line away.
  mutating func clear() {
    if hasLine { write(SweepProgress.clearLine) }
    hasLine = false
  }

  private static func left(_ seconds: Double) -> String {
    let whole = Int(min(seconds, 1e9))
    if whole < 100 { return "\(whole) s" }
    return whole < 6_000 ? "\(whole / 60) min" : "\(whole / 3_600) h"
  }

  private func write(_ text: String) {
    var ready = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
    guard poll(&ready, 1, 0) > 0 else { return }
    var text = text
    text.withUTF8 { bytes in _ = Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
  }
}
