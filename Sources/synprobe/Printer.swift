internal import SynCore
internal import SynProbe

/// Shows a run in one format.
///
/// Printers compute nothing: what they show was counted before.
protocol Printer {
  /// The first probe is about to leave.
  mutating func started(_ measurement: Measurement) throws(CommandFailure)
  /// A probe goes another way than those before it, the last of the measurement's paths.
  mutating func changedPath(_ measurement: Measurement) throws(CommandFailure)
  /// A probe ended.
  mutating func probe(_ result: ProbeResult, of measurement: Measurement) throws(CommandFailure)
  /// Something was seen beside the outcomes.
  mutating func report(_ report: AnomalyReport, of measurement: Measurement) throws(CommandFailure)
  /// The target's series ended.
  mutating func finished(_ measurement: Measurement, at time: MonotonicInstant) throws(CommandFailure)
  /// All series ended.
  mutating func end() throws(CommandFailure)
  /// When to draw again; nil for never.
  var nextRedraw: MonotonicInstant? { get }
  /// Draws again.
  mutating func redraw(at now: MonotonicInstant) throws(CommandFailure)
}

extension Printer {
  mutating func started(_ measurement: Measurement) throws(CommandFailure) {}
  mutating func changedPath(_ measurement: Measurement) throws(CommandFailure) {}
  mutating func probe(_ result: ProbeResult, of measurement: Measurement) throws(CommandFailure) {}
  mutating func report(_ report: AnomalyReport, of measurement: Measurement) throws(CommandFailure) {}
  mutating func end() throws(CommandFailure) {}
  var nextRedraw: MonotonicInstant? { nil }
  mutating func redraw(at now: MonotonicInstant) throws(CommandFailure) {}
}

/// The printer that the command line asks for.
///
/// Drawing in place needs a terminal; elsewhere `--live` prints lines.
func makePrinter(_ plan: PingPlan, _ output: StandardOutput, _ targets: Int) -> any Printer {
  switch plan.output {
  case .text where plan.isLive && output.isTerminal && plan.usesColor && targets == 1: LivePrinter(output)
  case .text:
    TextPrinter(
      output, isQuiet: plan.isQuiet, isVerbose: plan.isVerbose, namesTargets: targets > 1,
      style: TextStyle(isOn: plan.usesColor && output.isTerminal))
  case .json: JSONPrinter(output, isArray: targets > 1)
  case .jsonl: JSONLinesPrinter(output, isQuiet: plan.isQuiet)
  case .csv: CSVPrinter(output)
  case .value: ValuePrinter(output, field: plan.field, isList: targets > 1)
  }
}
