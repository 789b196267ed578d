internal import Glibc

/// Reads the signals of another process, which needs no privilege unless /proc hides it.
public enum ProcessExamination {
  /// Why a process cannot be examined.
  public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is none with this number.
    case noSuchProcess(Int)
    /// /proc is not mounted, or hides the process.
    case notReadable(Int)

    /// One sentence.
    public var description: String {
      switch self {
      case .noSuchProcess(let pid): "no process has the number \(pid)"
      case .notReadable(let pid):
        "cannot read /proc/\(pid)/task: /proc is not mounted here, or hides other users' processes (hidepid)"
      }
    }
  }

  /// Examines the process with this number.
  /// - Throws: `Failure`.
  public static func examine(_ pid: Int) throws(Failure) -> ProcessReport {
    guard let names = SystemFile.names(in: "/proc/\(pid)/task") else {
      throw refusal(pid)
    }
    // A thread may end between the listing and the reading.
    let tids = names.compactMap { Int($0) }.sorted { ($0 == pid ? 0 : $0) < ($1 == pid ? 0 : $1) }
    let tasks = tids.compactMap { tid in
      SystemFile.text("/proc/\(pid)/task/\(tid)/status").map { (tid: tid, status: TaskStatus($0)) }
    }
    guard !tasks.isEmpty else { throw refusal(pid) }
    return ProcessReport(pid: pid, tasks)
  }

  private static func refusal(_ pid: Int) -> Failure {
    kill(pid_t(pid), 0) < 0 && errno == ESRCH ? .noSuchProcess(pid) : .notReadable(pid)
  }
}
