internal import SynCore
internal import SynProbe
internal import SynVerdict
internal import SynVerify

/// A verification for people: what became of each claim, the two distributions, and the summary of the probes.
struct VerdictText {
  private let verification: Verification
  private let report: VerifyReport
  private let style: TextStyle
  private let columns: Int

  init(_ verification: Verification, _ report: VerifyReport, style: TextStyle, columns: Int) {
    self.verification = verification
    self.report = report
    self.style = style
    self.columns = columns
  }

  /// A line for each claim.
  var claims: [String] {
    report.claims.map { claim in
      let word = claim.verdict.rawValue
      let padding = String(repeating: " ", count: max(13 - word.count, 1))
      return style.paint(word, claim.verdict) + padding + claim.reason
    }
  }

  /// All of it.
  var lines: [String] {
    claims + plot + judged + SummaryText(verification.target).lines(heardUntil: verification.latest)
  }

  /// Which probes the verdict speaks of, where the summary speaks of more.
  private var judged: [String] {
    let samples = verification.judged
    let attempted = verification.target.statistics.attempted
    guard samples < attempted, samples > 0 else { return [] }
    return [
      "judged by   the first \(samples) of \(attempted) probes: the others had not ended, or came behind one that had not"
    ]
  }

  // MARK: The distributions

  /// Both distributions over one axis, and where the median now may lie.
  private var plot: [String] {
    let now = times(report.measurement)
    guard !now.isEmpty else { return [] }
    let before = verification.control?.probes.compactMap(\.milliseconds) ?? times(verification.plan.baseline?.report)
    let all = now + before
    guard let least = all.min(), let most = all.max() else { return [] }
    let axis = PlotAxis(from: least, to: most, width: min(max(columns - 12, 8), 60))
    var lines = before.isEmpty ? [] : ["baseline    " + axis.bars(before)]
    lines.append("now         " + axis.bars(now))
    if let interval = intervalOfMedian(before) { lines.append("interval    " + axis.line(interval)) }
    lines.append("ms          " + axis.labels)
    return lines
  }

  private func times(_ report: PingReport?) -> [Double] { report?.probes?.compactMap(\.rttMs) ?? [] }

  /// Where a claim says that the median lies; what was added lies upon the baseline's.
  private func intervalOfMedian(_ before: [Double]) -> ClosedRange<Double>? {
    for claim in report.claims {
      guard let interval = claim.intervalMs else { continue }
      if claim.claim == "rtt" { return interval }
      guard claim.claim == "added" || claim.claim == "clear", !before.isEmpty else { continue }
      let median = before.sorted()[(before.count - 1) / 2]
      return (median + interval.lowerBound)...(median + interval.upperBound)
    }
    return nil
  }
}

extension ProbeResult {
  fileprivate var milliseconds: Double? {
    outcome.isAnswer ? observation.roundTrip.map { Double($0.nanoseconds) / 1e6 } : nil
  }
}

extension TextStyle {
  fileprivate func paint(_ text: String, _ verdict: Verdict) -> String {
    switch verdict {
    case .confirmed: paint(text, ProbeOutcome.Kind.open)
    case .mismatch: paint(text, ProbeOutcome.Kind.lost)
    case .inconclusive: paint(text, ProbeOutcome.Kind.filtered)
    }
  }
}
