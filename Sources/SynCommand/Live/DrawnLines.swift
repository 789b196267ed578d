internal import Glibc
internal import SynCore
internal import SynSystem

/// Lines that are drawn anew in the same place of a terminal, and taken away in the end.
struct DrawnLines {
  private let output: StandardOutput
  /// The widths of the lines that stand there.
  private var drawn: [Int] = []
  /// When to draw again.
  private(set) var nextRedraw = SystemClock.now()

  private static let interval = Duration.milliseconds(100)

  init(_ output: StandardOutput) {
    self.output = output
  }

  /// Whether stdout is a terminal that can be drawn on.
  static var isPossible: Bool { isatty(STDOUT_FILENO) == 1 && TextStyle.environmentAllowsColor }

  /// Why nothing can be drawn on this output; nil where it can.
  static func objection(
    _ output: StandardOutput, usesColor: Bool = TextStyle.environmentAllowsColor, instead: String
  ) -> String? {
    if !output.isTerminal { return "--live draws on a terminal, and stdout is none: \(instead)" }
    return usesColor ? nil : "--live needs a terminal that can be drawn on, with colours: \(instead)"
  }

  /// Draws the lines in place of those before, when it is time; what the screen has no room for is left out.
  /// - Parameters:
  ///   - now: The time.
  ///   - lines: Of a screen with so many columns and rows to be filled.
  /// - Throws: `CommandFailure` where they cannot be written.
  mutating func redraw(
    at now: MonotonicInstant, _ lines: (_ columns: Int, _ rows: Int) -> [StyledText]
  ) throws(CommandFailure) {
    guard nextRedraw <= now else { return }
    nextRedraw = now.advanced(by: Self.interval)
    let size = output.size
    let (columns, rows) = (max(size.columns - 1, 1), max(size.rows - 1, 1))
    let shown = lines(columns, rows).prefix(rows)
    let text = shown.map { $0.terminalText(columns: columns) + "\n" }.joined()
    try output.write(back(size.columns) + text)
    drawn = shown.map { min($0.width, columns) }
  }

  /// Leaves the screen as it was found; what is drawn next stands below what is there then.
  mutating func clear() throws(CommandFailure) {
    try output.write(back(output.size.columns))
    drawn = []
    nextRedraw = SystemClock.now()
  }

  /// Goes up to the first line, and clears from there on: a screen that has become narrower has broken the lines.
  private func back(_ columns: Int) -> String {
    guard !drawn.isEmpty else { return "" }
    let rows = drawn.reduce(0) { $0 + max(($1 + columns - 1) / columns, 1) }
    return "\u{1b}[\(rows)A\r\u{1b}[J"
  }
}
