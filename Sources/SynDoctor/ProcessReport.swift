/// What the signals of a process's threads are, and what that means for the children it starts.
public struct ProcessReport: Hashable, Sendable {
  /// Its number.
  public var pid: Int
  /// Its name.
  public var name: String
  /// Its threads, the first one first.
  public var threads: [Thread]
  /// What it means, in plain words.
  public var findings: [String]

  /// The signals of one thread, by name.
  public struct Thread: Hashable, Sendable {
    /// Its number.
    public var tid: Int
    /// Its name.
    public var name: String
    /// `SigBlk`: held back; a child started from this thread inherits it.
    public var blocked: [String]
    /// `SigIgn`: thrown away; a child inherits it.
    public var ignored: [String]
    /// `SigCgt`: handled.
    public var caught: [String]
    /// `SigPnd` and `ShdPnd`: sent, and not delivered yet.
    public var pending: [String]
  }

  /// Judges the threads, given by their numbers and the texts of their status files.
  public init(pid: Int, _ tasks: [(tid: Int, status: TaskStatus)]) {
    self.pid = pid
    name = (tasks.first { $0.tid == pid } ?? tasks.first)?.status.name ?? ""
    threads = tasks.map { tid, status in
      Thread(
        tid: tid, name: status.name, blocked: status.signals("SigBlk").names, ignored: status.signals("SigIgn").names,
        caught: status.signals("SigCgt").names, pending: Self.pending(status).names)
    }
    findings = Self.findings(tasks.map(\.status))
  }

  private static func pending(_ status: TaskStatus) -> SignalNames {
    SignalNames(status.signals("SigPnd").bits | status.signals("ShdPnd").bits)
  }

  private static let interrupt = 2
  private static let pipe = 13
  private static let alarm = 14
  private static let terminate = 15
  private static let childEnded = 17

  private static func findings(_ tasks: [TaskStatus]) -> [String] {
    let consequences = [
      (alarm, "hping3 would hang"), (terminate, "SIGTERM would not end it"), (interrupt, "SIGINT would not end it"),
      (childEnded, "it would not learn of the end of its own children by SIGCHLD"),
    ]
    let blocked = consequences.compactMap { signal, consequence in
      blockers(of: signal, among: tasks).map {
        "\($0): a child started from \(tasks.count == 1 ? "it" : "them") inherits that; \(consequence)"
      }
    }
    var findings = blocked
    if !blocked.contains(where: { $0.contains("SIGALRM") }) {
      findings.append("no thread blocks SIGALRM: a child that waits for it, as hping3 does, gets it")
    }
    let ignored = SignalNames(tasks.first?.signals("SigIgn").bits ?? 0)
    if ignored.bits != 0 { findings.append("ignored: \(ignored); a child inherits that too") }
    findings += undelivered(tasks)
    if !blocked.isEmpty {
      findings.append("synprobe as a child works all the same: it needs no timer signal, and reads its signals itself")
    }
    return findings
  }

  /// As `17 of 18 threads block SIGALRM`; nil for none.
  private static func blockers(of signal: Int, among tasks: [TaskStatus]) -> String? {
    let count = tasks.count { $0.signals("SigBlk").contains(signal) }
    guard count > 0 else { return nil }
    if tasks.count == 1 { return "its only thread blocks \(SignalNames.name(signal))" }
    return "\(count) of \(tasks.count) threads block\(count == 1 ? "s" : "") \(SignalNames.name(signal))"
  }

  /// Signals that were sent to the process and that every thread holds back.
  private static func undelivered(_ tasks: [TaskStatus]) -> [String] {
    guard let first = tasks.first else { return [] }
    let heldBack = tasks.reduce(UInt64.max) { $0 & $1.signals("SigBlk").bits }
    return SignalNames(first.signals("ShdPnd").bits & heldBack).names.map {
      "\($0) was sent to the process and every thread blocks it: it is not delivered"
    }
  }
}
