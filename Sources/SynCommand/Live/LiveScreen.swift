internal import SynCore
internal import SynProbe

/// One target of a live picture, as it is drawn: whoever keeps it has each further event copy all that was measured.
struct LiveTarget {
  let measurement: Measurement
  let columns: [LiveColumn]

  init(_ measurement: Measurement, _ columns: [LiveColumn]) {
    self.measurement = measurement
    self.columns = columns
  }

  /// What is known so far, on a line.
  var numbers: StyledText {
    let statistics = measurement.statistics
    var line = StyledText("\(measurement.input)  \(statistics.attempted) probes")
    if let values = statistics.roundTrip.quantiles([0.5, 0.99]) {
      line.add("  p50 \(values[0].millisecondsText)  p99 \(values[1].millisecondsText) ms")
    }
    if statistics.count(.lost) > 0 {
      let places = LossPlace.allCases.compactMap { place in
        statistics.losses[place].map { "\(place.rawValue) \($0)" }
      }
      let share = statistics.loss.ratio.map { SummaryText.percent($0) } ?? "\(statistics.count(.lost))"
      line.add("  ")
      line.add("lost \(share) (\(places.joined(separator: ", ")))", .red)
    }
    for kind in [ProbeOutcome.Kind.closed, .filtered, .blocked, .unexpected] where statistics.count(kind) > 0 {
      line.add("  ")
      line.add("\(statistics.count(kind)) \(kind.rawValue)", kind == .blocked ? .red : .yellow)
    }
    return line
  }
}

/// The live picture of some targets, for a screen of any size.
struct LiveScreen {
  private let targets: [LiveTarget]
  private let kind: LiveAxis.Kind
  private let columns: Int
  private let rows: Int

  /// - Parameters:
  ///   - targets: In their order.
  ///   - kind: How heights grow.
  ///   - columns: The width that may be filled.
  ///   - rows: The height that may be filled.
  init(_ targets: [LiveTarget], _ kind: LiveAxis.Kind, columns: Int, rows: Int) {
    self.targets = targets
    self.kind = kind
    self.columns = columns
    self.rows = rows
  }

  private static let tallest = 12
  private static let rowsWithLegend = 8

  /// From the top: of each target its numbers and, where there is room, its chart; then what the colours mean.
  var lines: [StyledText] {
    guard !targets.isEmpty, rows > 0 else { return [] }
    guard targets.count <= rows else {
      let shown = targets.prefix(rows - 1).map(\.numbers)
      return shown + [StyledText("… and \(targets.count - shown.count) more")]
    }
    let legend = rows >= LiveScreen.rowsWithLegend && targets.count < rows ? [legend] : []
    let room = rows - legend.count
    let height = min(room / targets.count - 1, LiveScreen.tallest)
    return targets.flatMap { target in
      [target.numbers]
        + (height > 0 ? LiveChart(target.columns, kind, width: columns, rows: height).lines : [])
    } + legend
  }

  private var legend: StyledText {
    let isWhole = targets.allSatisfy { $0.measurement.mode == .connect }
    var line = StyledText()
    for part in LiveColumn.Part.allCases where (part == .whole) == isWhole {
      line.add("█ ", part.color)
      line.add("\(part.name)  ")
    }
    line.add(LiveColumn.signs)
    return line
  }
}
