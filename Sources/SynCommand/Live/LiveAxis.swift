internal import ArgumentParser
internal import Glibc
internal import SynCore

/// How high a time stands in a chart.
struct LiveAxis {
  /// How the heights grow.
  enum Kind: String, CaseIterable, ExpressibleByArgument {
    /// As the times do.
    case linear
    /// As their logarithms do: what is short is seen beside what is long.
    case log
  }

  private let kind: Kind
  private let least: Double
  private let most: Double
  private let levels: Int

  /// An axis of so many levels up to the highest of these columns.
  init(_ kind: Kind, _ columns: some Collection<LiveColumn>, levels: Int) {
    var (least, most) = (Double.infinity, 1.0)
    for case .answered(let parts) in columns {
      for part in parts where part.end > 0 { least = min(least, Double(part.end)) }
      most = max(most, Double(parts.last?.end ?? 0))
    }
    self.kind = kind
    self.least = min(least, most / 10)
    self.most = most
    self.levels = levels
  }

  /// The level of a time: 1 at least where there is any.
  func level(of nanoseconds: Int64) -> Int {
    guard nanoseconds > 0 else { return 0 }
    let share =
      switch kind {
      case .linear: Double(nanoseconds) / most
      case .log: Glibc.log(Double(nanoseconds) / least) / Glibc.log(most / least)
      }
    return min(max(Int((share * Double(levels)).rounded()), 1), levels)
  }

  /// What stands at the top, and at the bottom; nothing while there is no time.
  var labels: (top: String, bottom: String) {
    guard most > 1 else { return ("", "") }
    let bottom = kind == .linear ? "0" : Duration.nanoseconds(Int64(least)).millisecondsText
    return (Duration.nanoseconds(Int64(most)).millisecondsText, bottom)
  }
}
