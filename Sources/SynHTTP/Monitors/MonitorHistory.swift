internal import SynVerify

/// What happened to a monitor: the last windows, and the last of everything else.
struct MonitorHistory {
  /// So many of each are kept.
  static let most = 500

  private var windows: [HistoryEntry] = []
  private var others: [HistoryEntry] = []

  /// Takes what was kept, in its order.
  init(_ entries: [HistoryEntry] = []) {
    for entry in entries { add(entry) }
  }

  /// Adds what has happened now.
  mutating func add(_ entry: HistoryEntry) {
    if entry.kind == "window" {
      windows.append(entry)
      windows.removeFirst(max(windows.count - MonitorHistory.most, 0))
    } else {
      // Of a change more may become known later.
      others.removeAll { $0.kind == entry.kind && $0.at == entry.at && $0.what == entry.what }
      others.append(entry)
      others.removeFirst(max(others.count - MonitorHistory.most, 0))
    }
  }

  /// What was at a moment or later, in the order of the moments; each is written alike, so that they compare as texts.
  func entries(since moment: String) -> [HistoryEntry] {
    (windows + others).filter { $0.at >= moment }.sorted { $0.at < $1.at }
  }
}
