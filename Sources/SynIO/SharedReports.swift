internal import SynCore

/// Totals of what concerns every series, such as a stall: with ten thousand of them not each is told at once.
struct SharedReports: Equatable {
  private var counts: [Anomaly: UInt64] = [:]

  mutating func add(_ report: AnomalyReport) {
    counts[report.kind, default: 0] &+= report.count
  }

  /// What has come since an earlier state.
  func reports(since earlier: SharedReports) -> [AnomalyReport] {
    Anomaly.allCases.compactMap { kind in
      let count = (counts[kind] ?? 0) &- (earlier.counts[kind] ?? 0)
      return count > 0 ? AnomalyReport(kind, count: count) : nil
    }
  }
}
