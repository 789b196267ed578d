internal import SynProbe
internal import SynVerdict
internal import SynVerify

/// In which form what became of a verification is printed.
struct VerifyForm {
  private let format: VerifyFormat
  private let field: FieldPath?
  private let isQuiet: Bool
  private let usesColor: Bool
  /// Whether what goes on is to be drawn.
  let isLive: Bool

  /// - Throws: `CommandFailure` with status 64 for options that do not go together, or a field that no result has.
  init(_ command: VerifyCommand) throws(CommandFailure) {
    guard (command.output == .value) == (command.field != nil) else {
      throw CommandFailure(.usage, "--output value and --field PATH go together")
    }
    guard !command.live || command.output == .text && !command.quiet else {
      throw CommandFailure(.usage, "--live draws on a terminal: it goes with --output text only, and without --quiet")
    }
    isLive = command.live
    format = command.output
    field = try command.field.map { text throws(CommandFailure) in try VerifyForm.field(text) }
    isQuiet = command.quiet
    usesColor = !command.noColor && TextStyle.environmentAllowsColor
  }

  private static func field(_ text: String) throws(CommandFailure) -> FieldPath {
    do throws(FieldPath.ParseError) {
      return try FieldPath(text, in: VerifyReport.self, example: "claims.0.estimate_ms")
    } catch {
      throw CommandFailure(.usage, "--field \(error)")
    }
  }

  /// Whether people are told what goes on.
  var isTalkative: Bool { format == .text && !isQuiet }

  /// Why nothing is drawn that was to be; nil where it is.
  func liveObjection(_ output: StandardOutput) -> String? {
    isLive ? DrawnLines.objection(output, usesColor: usesColor, instead: "lines follow") : nil
  }

  /// The line before anything is known of a target.
  static func header(_ verification: Verification, _ side: VerifyPlan.Side) -> String {
    switch side {
    case .target: SummaryText(verification.target).header
    case .control: "control: " + (verification.control.map { SummaryText($0).header } ?? "")
    }
  }

  /// The result on stdout, and at last the verdict in one sentence on stderr.
  func print(
    _ report: VerifyReport, of verification: Verification, _ output: StandardOutput
  ) throws(CommandFailure) {
    defer { Diagnostics.sayPlainly(report.reason) }
    switch format {
    case .json: try output.line(report.json)
    case .text:
      let style = TextStyle(isOn: usesColor && output.isTerminal)
      let text = VerdictText(verification, report, style: style, columns: output.isTerminal ? output.columns : 80)
      for line in isQuiet ? text.claims : text.lines { try output.line(line) }
    case .value: try printValue(report, output)
    }
  }

  private func printValue(_ report: VerifyReport, _ output: StandardOutput) throws(CommandFailure) {
    guard let field else { return }
    guard let value = field.value(in: report) else {
      return Diagnostics.say("\(field) is absent from the result of \(report.target.input)")
    }
    try output.line(value)
  }
}
