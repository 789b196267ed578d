internal import SynCore
internal import SynProbe
internal import SynWire

/// The measurements of a run, by the order of the targets, and the printer that shows them.
struct MeasurementBoard {
  private var measurements: [Measurement]
  private var ended: [MonotonicInstant?]
  /// The first target whose summary is not printed yet.
  private var nextSummary = 0
  private var printer: any Printer
  /// Targets whose connections go another way than their probes, which is said once.
  private var foreign: Set<Endpoint> = []

  init(_ measurements: [Measurement], printer: any Printer) {
    self.measurements = measurements
    self.printer = printer
    ended = measurements.map { _ in nil }
  }

  /// Whether a series has not ended yet.
  var isRunning: Bool { ended.contains { $0 == nil } }

  /// Why a target could not be probed at all.
  var failure: ProberError? { measurements.lazy.compactMap(\.failure).first }

  /// Whether any target answered open.
  var anyOpen: Bool { measurements.contains { $0.statistics.count(.open) > 0 } }

  mutating func add(_ event: ProbeEvent, to index: Int, at time: MonotonicInstant) throws(CommandFailure) {
    measurements[index].add(event)
    switch event {
    case .started:
      try printer.started(measurements[index])
      sayForeignPath(measurements[index])
    case .path:
      try printer.changedPath(measurements[index])
      sayForeignPath(measurements[index])
    case .probe(let result): try printer.probe(result, of: measurements[index], number: index)
    case .report(let report): try printer.report(report, of: measurements[index])
    case .failed, .witness, .sibling, .train, .noTrains, .packet, .dropped: break
    case .ended:
      ended[index] = time
      try printSummaries()
    }
  }

  /// Says once that connections to a target go another way than its probes.
  private mutating func sayForeignPath(_ measurement: Measurement) {
    guard let path = measurement.paths.last, path.isForeign, foreign.insert(measurement.target).inserted else { return }
    Diagnostics.say(
      "a connection to \(measurement.target) goes by \(path.interface) through a neighbour of another family,"
        + " which a raw socket cannot be made to do: --mode connect measures that way")
  }

  /// Summaries stand in the order of the targets, whichever ends first.
  private mutating func printSummaries() throws(CommandFailure) {
    while nextSummary < measurements.count, let time = ended[nextSummary] {
      let measurement = measurements[nextSummary]
      if measurement.failure == nil { try printer.finished(measurement, at: time) }
      nextSummary += 1
    }
  }

  /// Says of which targets fewer probes were sent than asked for: a run never lasts longer than its plan.
  func sayShortfall(of count: Int?) {
    guard let count else { return }
    for measurement in measurements where measurement.failure == nil {
      let isStalled = measurement.statistics.anomalies[.stalls] != nil
      Diagnostics.sayShortfall(
        measurement.statistics.attempted, of: count, to: measurement.input,
        remedy: isStalled ? "this process was not run for a while" : "a longer --interval lets all of them leave")
    }
  }

  /// Says that this host's own buffers lost packets: no format hides it.
  func sayDrops() {
    let drops = measurements.lazy.compactMap { $0.statistics.anomalies[.captureDrops] }.max() ?? 0
    guard drops > 0 else { return }
    Diagnostics.say(
      "this host's own buffers lost \(drops) packets: a loss meanwhile is at a place unknown, and a longer --interval loses"
        + " none")
  }

  /// After the last series: what a format prints once for all targets.
  mutating func finish() throws(CommandFailure) {
    if failure == nil || printer.isDrawing { try printer.end() }
  }

  /// When the printer wants to draw again; nil for one that does not draw.
  var nextRedraw: MonotonicInstant? { printer.nextRedraw }

  mutating func redraw(at now: MonotonicInstant) throws(CommandFailure) {
    if let moment = printer.nextRedraw, moment <= now { try printer.redraw(at: now, measurements) }
  }

  /// Takes away what is drawn, before the process is stopped.
  mutating func suspend() throws(CommandFailure) { try printer.suspend() }

  /// A summary of what is known so far, for a person who asked by signal; on stderr, so that no format is spoilt.
  mutating func sayInterim(at now: MonotonicInstant) {
    // What cannot be taken away now is told of by the next line that cannot be written.
    do throws(CommandFailure) { try printer.suspend() } catch {}
    for (measurement, end) in zip(measurements, ended) {
      let lines = SummaryText(measurement).lines(heardUntil: end ?? now)
      Diagnostics.say("so far\n" + lines.joined(separator: "\n"))
    }
  }
}
