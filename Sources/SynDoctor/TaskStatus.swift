/// What /proc/PID/task/TID/status says of a thread (proc_pid_status(5)).
public struct TaskStatus: Hashable, Sendable {
  private let fields: [String: String]

  /// Reads the file's text; lines of another form are passed over.
  public init(_ text: String) {
    var fields: [String: String] = [:]
    for line in text.split(separator: "\n") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      fields[String(line[..<colon])] = String(value)
    }
    self.fields = fields
  }

  /// The status of the calling thread's process; nil where /proc is not mounted.
  public static var own: TaskStatus? { SystemFile.text("/proc/self/status").map(TaskStatus.init) }

  /// The thread's name.
  public var name: String { fields["Name"] ?? "" }

  /// The effective user.
  public var effectiveUser: Int? {
    fields["Uid"]?.split(separator: "\t").dropFirst().first.flatMap { Int($0) }
  }

  /// One of the sets of capabilities: `CapInh`, `CapPrm`, `CapEff`, `CapBnd`, `CapAmb`.
  public func capabilities(_ field: String) -> CapabilityNames? {
    hexadecimal(field).map(CapabilityNames.init)
  }

  /// One of the sets of signals: `SigPnd`, `ShdPnd`, `SigBlk`, `SigIgn`, `SigCgt`.
  public func signals(_ field: String) -> SignalNames {
    SignalNames(hexadecimal(field) ?? 0)
  }

  /// Whether no execve can gain privileges.
  public var hasNoNewPrivileges: Bool? { fields["NoNewPrivs"].map { $0 == "1" } }

  /// 0: no seccomp, 1: strict, 2: a filter.
  public var seccompMode: Int? { fields["Seccomp"].flatMap { Int($0) } }

  private func hexadecimal(_ field: String) -> UInt64? {
    fields[field].flatMap { UInt64($0, radix: 16) }
  }
}
