internal import Glibc
internal import SynCore
internal import SynProbe
internal import SynSystem
internal import SynVerdict
internal import SynVerify

/// What is known so far, on one line of the terminal that is drawn anew in place; on stderr, so that no result is mixed
/// with it.
struct VerifyProgress {
  private let isShown: Bool
  private var isDrawn = false
  /// When to draw again; nil for never.
  private(set) var nextRedraw: MonotonicInstant?

  private static let interval = Duration.milliseconds(200)

  init(isShown: Bool) {
    self.isShown = isShown && isatty(STDERR_FILENO) == 1
    nextRedraw = self.isShown ? SystemClock.now().advanced(by: Self.interval) : nil
  }

  /// Draws the line, when it is time.
  mutating func redraw(_ verification: Verification, at now: MonotonicInstant) {
    guard let moment = nextRedraw, moment <= now else { return }
    nextRedraw = now.advanced(by: Self.interval)
    let count = verification.target.statistics.attempted
    let claims = verification.findings.map(Self.text)
    let line = (["\(count) probes"] + claims).joined(separator: "  ")
    write("\r\u{1b}[K" + line.prefix(max(Self.columns - 1, 20)))
    isDrawn = true
  }

  /// Leaves the terminal as it was found.
  mutating func clear() {
    if isDrawn { write("\r\u{1b}[K") }
    isDrawn = false
  }

  private static func text(_ finding: Finding) -> String {
    let name = finding.claim.name
    switch finding.verdict {
    case .confirmed: return "\(name) confirmed"
    case .mismatch: return "\(name) refuted"
    case .inconclusive: break
    }
    return "\(name) \(finding.interval?.words ?? "?")"
  }

  private static var columns: Int {
    var size = winsize()
    return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
  }

  private func write(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
