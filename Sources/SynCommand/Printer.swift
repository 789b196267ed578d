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
  /// The same, of the target with this number.
  mutating func probe(_ result: ProbeResult, of measurement: Measurement, number: Int) throws(CommandFailure)
  /// Something was seen beside the outcomes.
  mutating func report(_ report: AnomalyReport, of measurement: Measurement) throws(CommandFailure)
  /// The target's series ended.
  mutating func finished(_ measurement: Measurement, at time: MonotonicInstant) throws(CommandFailure)
  /// All series ended.
  mutating func end() throws(CommandFailure)
  /// When to draw again; nil for never.
  var nextRedraw: MonotonicInstant? { get }
  /// Whether it draws, so that there is something to be taken away in the end.
  var isDrawing: Bool { get }
  /// Draws again what is known of all targets.
  mutating func redraw(at now: MonotonicInstant, _ measurements: [Measurement]) throws(CommandFailure)
  /// The process is about to be stopped by its user, and may go on later.
  mutating func suspend() throws(CommandFailure)
}

extension Printer {
  mutating func started(_ measurement: Measurement) throws(CommandFailure) {}
  mutating func changedPath(_ measurement: Measurement) throws(CommandFailure) {}
  mutating func probe(_ result: ProbeResult, of measurement: Measurement) throws(CommandFailure) {}
  mutating func report(_ report: AnomalyReport, of measurement: Measurement) throws(CommandFailure) {}
  mutating func end() throws(CommandFailure) {}
  var nextRedraw: MonotonicInstant? { nil }
  mutating func probe(_ result: ProbeResult, of measurement: Measurement, number: Int) throws(CommandFailure) {
    try probe(result, of: measurement)
  }
  var isDrawing: Bool { false }
  mutating func redraw(at now: MonotonicInstant, _ measurements: [Measurement]) throws(CommandFailure) {}
  mutating func suspend() throws(CommandFailure) {}
}

/// Why `--live` does not draw; nil where it does.
func liveObjection(_ plan: PingPlan, _ output: StandardOutput) -> String? {
  plan.isLive ? DrawnLines.objection(output, usesColor: plan.usesColor, instead: "lines follow") : nil
}

/// The printer that the command line asks for.
///
/// The targets are as the user wrote them, those too whose names have no address.
func makePrinter(_ plan: PingPlan, _ output: StandardOutput, _ targets: [String]) -> any Printer {
  switch plan.output {
  case .text where plan.isLive && liveObjection(plan, output) == nil: LivePrinter(output, plan.axis)
  case .text: TextPrinter(output, plan, names: targets.count > 1 ? targets : [])
  case .json: JSONPrinter(output, isArray: targets.count > 1)
  case .jsonl: JSONLinesPrinter(output, isQuiet: plan.isQuiet)
  case .csv: CSVPrinter(output)
  case .prometheus: PrometheusPrinter(output)
  case .value: ValuePrinter(output, field: plan.field, isList: targets.count > 1)
  }
}
