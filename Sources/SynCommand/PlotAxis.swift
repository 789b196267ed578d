internal import SynCore

/// A linear axis of so many characters.
struct PlotAxis {
  private let least: Double
  private let most: Double
  private let width: Int

  /// From an eighth of a line to all of it.
  static let blocks = Array("▁▂▃▄▅▆▇█")

  /// Covers the values from `least` to `most`.
  init(from least: Double, to most: Double, width: Int) {
    self.least = least
    self.most = most
    self.width = width
  }

  /// How many values fall on each character, as the height of a block.
  func bars(_ values: [Double]) -> String {
    var counts = [Int](repeating: 0, count: width)
    for value in values { counts[place(of: value)] += 1 }
    let top = counts.max() ?? 0
    return String(counts.map { $0 == 0 ? " " : PlotAxis.blocks[($0 * PlotAxis.blocks.count - 1) / top] })
  }

  /// A line under the characters of a range.
  func line(_ range: ClosedRange<Double>) -> String {
    let first = place(of: range.lowerBound)
    let last = place(of: range.upperBound)
    return String(repeating: " ", count: first)
      + (first == last ? "│" : "├" + String(repeating: "─", count: last - first - 1) + "┤")
  }

  /// Its two ends.
  var labels: String {
    let left = Duration(milliseconds: least).millisecondsText
    let right = Duration(milliseconds: most).millisecondsText
    let gap = width - left.count - right.count
    return gap > 0 ? left + String(repeating: " ", count: gap) + right : left
  }

  private func place(of value: Double) -> Int {
    guard most > least else { return 0 }
    let share = min(max((value - least) / (most - least), 0), 1)
    return min(Int(share * Double(width)), width - 1)
  }
}
