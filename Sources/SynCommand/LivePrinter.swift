internal import SynCore
internal import SynProbe
internal import SynSystem

/// A chart of the latest round trips that is drawn in place, and the summary at the end.
struct LivePrinter: Printer {
  private let output: StandardOutput
  private var bars: [Bar] = []
  private var measurement: Measurement?
  private var hasChart = false
  private(set) var nextRedraw: MonotonicInstant?

  private enum Bar {
    case answered(Duration)
    case unanswered
  }

  private static let redrawInterval = Duration.milliseconds(100)
  private static let widest = 400

  init(_ output: StandardOutput) {
    self.output = output
  }

  mutating func started(_ measurement: Measurement) throws(CommandFailure) {
    try output.line(SummaryText(measurement).header)
    self.measurement = measurement
    try redraw(at: SystemClock.now())
  }

  mutating func probe(_ result: ProbeResult, of measurement: Measurement) {
    let roundTrip = result.outcome.isAnswer ? result.observation.roundTrip : nil
    bars.append(roundTrip.map { .answered($0) } ?? .unanswered)
    if bars.count > LivePrinter.widest { bars.removeFirst() }
    self.measurement = measurement
  }

  mutating func redraw(at now: MonotonicInstant) throws(CommandFailure) {
    nextRedraw = now.advanced(by: LivePrinter.redrawInterval)
    guard let measurement else { return }
    let width = min(output.columns - 1, LivePrinter.widest)
    let back = hasChart ? "\u{1b}[2A" : ""
    hasChart = true
    try output.write("\(back)\r\u{1b}[K\(chart(width))\n\r\u{1b}[K\(status(measurement, width))\n")
  }

  mutating func finished(_ measurement: Measurement, at time: MonotonicInstant) throws(CommandFailure) {
    self.measurement = measurement
    try redraw(at: SystemClock.now())
    nextRedraw = nil
    for line in SummaryText(measurement).lines { try output.line(line) }
  }

  private func chart(_ width: Int) -> String {
    let shown = bars.suffix(max(width, 1))
    let times = shown.compactMap { bar in if case .answered(let time) = bar { time.nanoseconds } else { nil } }
    let top = max(times.max() ?? 1, 1)
    return String(
      shown.map { bar in
        guard case .answered(let time) = bar else { return "×" }
        let level = Int(Double(time.nanoseconds) / Double(top) * Double(PlotAxis.blocks.count - 1))
        return PlotAxis.blocks[min(max(level, 0), PlotAxis.blocks.count - 1)]
      })
  }

  private func status(_ measurement: Measurement, _ width: Int) -> String {
    let statistics = measurement.statistics
    var text = "\(statistics.attempted) probes, \(statistics.count(.open)) open, \(statistics.count(.lost)) lost"
    if let median = statistics.roundTrip.quantile(0.5), let maximum = statistics.roundTrip.maximum {
      text += "  rtt ms p50 \(median.millisecondsText)  max \(maximum.millisecondsText)"
    }
    return String(text.prefix(max(width, 1)))
  }
}
