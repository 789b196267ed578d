internal import SynCore
internal import SynProbe
internal import SynSystem

/// A chart of the latest round trips of each target that is drawn in place, and the summaries at the end.
struct LivePrinter: Printer {
  private let output: StandardOutput
  private let kind: LiveAxis.Kind
  private var drawing: DrawnLines
  /// The probes of each target, by its number.
  private var columns: [[LiveColumn]] = []
  private var isStarted = false
  private var summaries: [String] = []
  private var isOver = false

  private static let widest = 1_000

  init(_ output: StandardOutput, _ kind: LiveAxis.Kind) {
    self.output = output
    self.kind = kind
    drawing = DrawnLines(output)
  }

  let isDrawing = true
  var nextRedraw: MonotonicInstant? { isOver || !isStarted ? nil : drawing.nextRedraw }

  mutating func started(_ measurement: Measurement) throws(CommandFailure) {
    isStarted = true
    try line(SummaryText(measurement).header)
  }

  mutating func changedPath(_ measurement: Measurement) throws(CommandFailure) {
    try line(SummaryText(measurement).furtherPath)
  }

  mutating func probe(_ result: ProbeResult, of measurement: Measurement, number: Int) {
    while columns.count <= number { columns.append([]) }
    columns[number].append(LiveColumn(result))
    if columns[number].count > 2 * LivePrinter.widest { columns[number].removeFirst(LivePrinter.widest) }
  }

  mutating func redraw(at now: MonotonicInstant, _ measurements: [Measurement]) throws(CommandFailure) {
    try drawing.redraw(at: now) { width, rows in
      let targets = measurements.enumerated().map { number, measurement in
        LiveTarget(measurement, number < columns.count ? columns[number] : [])
      }
      return LiveScreen(targets, kind, columns: width, rows: rows).lines
    }
  }

  mutating func suspend() throws(CommandFailure) { try drawing.clear() }

  mutating func finished(_ measurement: Measurement, at time: MonotonicInstant) {
    summaries += SummaryText(measurement).lines(heardUntil: time)
  }

  mutating func end() throws(CommandFailure) {
    isOver = true
    try drawing.clear()
    for words in summaries { try output.line(words) }
  }

  /// A line above what is drawn.
  private mutating func line(_ text: String) throws(CommandFailure) {
    try drawing.clear()
    try output.line(text)
  }
}
