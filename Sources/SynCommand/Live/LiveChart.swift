internal import SynCore

/// The last probes of a target as columns, their parts stacked.
struct LiveChart {
  private let columns: ArraySlice<LiveColumn>
  private let axis: LiveAxis
  private let rows: Int
  /// Columns for the labels at the left; 0 where there is no room for them.
  private let margin: Int

  /// Eighths of a row.
  private static let eighths = Array(" ▁▂▃▄▅▆▇█")
  private static let labelWidth = 11
  private static let narrow = 40

  init(_ columns: [LiveColumn], _ kind: LiveAxis.Kind, width: Int, rows: Int) {
    margin = width >= LiveChart.narrow ? LiveChart.labelWidth : 0
    self.columns = columns.suffix(max(width - margin, 1))
    self.rows = rows
    axis = LiveAxis(kind, self.columns, levels: rows * 8)
  }

  /// The rows, the highest first.
  var lines: [StyledText] {
    let levels = columns.map { column in LiveChart.levels(column, axis) }
    return (0..<rows).reversed().map { row in
      var line = StyledText()
      if margin > 0 { line.add(label(row)) }
      for (column, parts) in zip(columns, levels) {
        if case .unanswered(let sign) = column {
          line.add(row == 0 ? String(sign) : " ", row == 0 ? .red : nil)
        } else {
          LiveChart.cell(parts, row, into: &line)
        }
      }
      return line
    }
  }

  private func label(_ row: Int) -> String {
    let labels = axis.labels
    let text = row == rows - 1 ? labels.top : row == 0 ? labels.bottom : ""
    let width = LiveChart.labelWidth - 2
    return String(repeating: " ", count: max(width - text.count, 0)) + text.suffix(width) + " ┤"
  }

  private typealias Level = (part: LiveColumn.Part, from: Int, to: Int)

  private static func levels(_ column: LiveColumn, _ axis: LiveAxis) -> [Level] {
    guard case .answered(let parts) = column else { return [] }
    var below = 0
    return parts.map { part in
      defer { below = max(below, axis.level(of: part.end)) }
      return (part.part, below, max(below, axis.level(of: part.end)))
    }
  }

  /// One row of a column: a character has two colours at most, so of more parts the largest two are shown.
  private static func cell(_ parts: [Level], _ row: Int, into line: inout StyledText) {
    let bottom = row * 8
    var shown = parts.map { ($0.part, from: max($0.from - bottom, 0), to: min($0.to - bottom, 8)) }
      .filter { $0.to > $0.from }
    guard let top = shown.last?.to else { return line.add(" ") }
    while shown.count > 2, let least = shown.indices.min(by: { size(shown[$0]) < size(shown[$1]) }) {
      shown.remove(at: least)
    }
    let lower = shown[0]
    if shown.count == 2, top == 8 {
      return line.add(String(eighths[shown[1].from]), lower.0.color, on: shown[1].0.color)
    }
    // Above the top there is no colour: the larger part is shown up to it.
    let larger = shown.max { size($0) < size($1) } ?? lower
    line.add(String(eighths[top]), larger.0.color)
  }

  private static func size(_ part: (LiveColumn.Part, from: Int, to: Int)) -> Int { part.to - part.from }
}
