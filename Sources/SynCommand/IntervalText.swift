internal import SynCore
internal import SynVerdict

extension Finding.Interval {
  /// Both ends with their unit; an end that nothing is known of is a `?`.
  var words: String {
    switch self {
    case .time(let lower, let upper): "\(Self.milliseconds(lower))..\(Self.milliseconds(upper)) ms"
    case .share(let lower, let upper): "\(SummaryText.percent(lower))..\(SummaryText.percent(upper))"
    case .rate(let lower, let upper): "\(lower?.text ?? "?")..\(upper?.text ?? "?")"
    }
  }

  private static func milliseconds(_ nanoseconds: Int64?) -> String {
    nanoseconds.map { Duration.nanoseconds($0).millisecondsText } ?? "?"
  }
}
