internal import SynVerify

/// What happened to a monitor: the last windows, and the last of everything else.
struct MonitorHistory {
  /// So many of each are kept.
  static let most = 500

  private struct Noted {
    let entry: HistoryEntry
    /// When it became known, which is later than when it was.
    let at: String
  }

  private var windows: [HistoryEntry] = []
  private var others: [Noted] = []

  /// Takes what was kept, in its order.
  init(_ entries: [HistoryEntry] = []) {
    for entry in entries { add(entry, noted: entry.at) }
  }

  /// Adds what has become known at that moment, RFC 3339.
  mutating func add(_ entry: HistoryEntry, noted: String) {
    if entry.kind == "window" {
      windows.append(entry)
      windows.removeFirst(max(windows.count - MonitorHistory.most, 0))
    } else {
      // Of a change more may become known later.
      others.removeAll { $0.entry.kind == entry.kind && $0.entry.at == entry.at && $0.entry.what == entry.what }
      others.append(Noted(entry: entry, at: noted))
      others.removeFirst(max(others.count - MonitorHistory.most, 0))
    }
  }

  /// Windows that began at a moment or later, and what else was then, or became known then, in the order of the moments; each
  /// is written alike, so that they compare as texts.
  func entries(since moment: String) -> [HistoryEntry] {
    let found = windows.filter { $0.at >= moment } + others.filter { max($0.entry.at, $0.at) >= moment }.map(\.entry)
    return found.sorted { $0.at < $1.at }
  }
}
