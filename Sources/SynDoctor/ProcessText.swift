internal import SynCore
internal import SynProbe

/// The report on a process, for people.
public struct ProcessText {
  private let report: ProcessReport

  /// Shows `report`.
  public init(_ report: ProcessReport) {
    self.report = report
  }

  /// What it means, then the threads, those with the same signals on one line.
  public var lines: [String] {
    let count = report.threads.count
    var lines = ["process \(report.pid) (\(report.name.escaped)), \(count) thread\(count == 1 ? "" : "s")"]
    lines += report.findings.map { "- \($0)" }
    for group in groups {
      lines.append("")
      lines.append(title(group))
      lines.append("  blocked  \(group.blocked)")
      lines.append("  ignored  \(group.ignored)")
      lines.append("  caught   \(group.caught)")
      lines.append("  pending  \(group.pending)")
    }
    return lines
  }

  private struct Group {
    var threads: [ProcessReport.Thread]
    let blocked, ignored, caught, pending: String

    init(_ thread: ProcessReport.Thread) {
      threads = [thread]
      blocked = SignalNames.text(thread.blocked)
      ignored = SignalNames.text(thread.ignored)
      caught = SignalNames.text(thread.caught)
      pending = SignalNames.text(thread.pending)
    }

    func hasSignals(of other: Group) -> Bool {
      (blocked, ignored, caught, pending) == (other.blocked, other.ignored, other.caught, other.pending)
    }
  }

  private var groups: [Group] {
    report.threads.reduce(into: []) { groups, thread in
      let own = Group(thread)
      if let index = groups.firstIndex(where: { $0.hasSignals(of: own) }) {
        groups[index].threads.append(thread)
      } else {
        groups.append(own)
      }
    }
  }

  private func title(_ group: Group) -> String {
    let shown = group.threads.prefix(4).map { "\($0.tid) \($0.name.escaped)" }.joined(separator: ", ")
    let more = group.threads.count > 4 ? ", and \(group.threads.count - 4) more" : ""
    return "thread\(group.threads.count == 1 ? "" : "s") \(shown)\(more)"
  }
}
