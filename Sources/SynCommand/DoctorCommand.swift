internal import ArgumentParser
internal import SynDoctor
internal import SynProbe
internal import SynSystem

/// `synprobe doctor`: whether this host can probe, and whose signals are blocked.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Say whether this host can probe, what a measurement goes through, and whose signals are blocked.",
    discussion: """
      Tries raw sockets and captures for real, and probes a listener of its own on loopback; nothing leaves the host.
      With --pid it decodes the signals of every thread of a process, and says what a child started from it inherits.
      Exit status: 0 this host can probe (with --pid: the process was read), 1 it cannot, 64 bad input, \
      71 the system refused.
      """
  )

  @Option(help: ArgumentHelp("Examine the signals of this process instead.", valueName: "pid"))
  var pid: Int?

  @Option(name: .shortAndLong, help: ArgumentHelp("Form of the report.", valueName: "format"))
  var output: ReportFormat = .text

  func run() throws {
    try run(inherited: .own)
  }

  /// Examines; `inherited` is the status of this process at its start.
  func run(inherited: TaskStatus?) throws {
    if let pid { return try print(process: pid, to: standardOutput()) }
    let report = try Blocking.run { await HostExamination.examine(inherited: inherited) }
    let out = try standardOutput()  // From here on no other thread: it blocks SIGPIPE in this one.
    switch output {
    case .text: for line in HostText(report).lines { try out.line(line) }
    case .json: try out.line(DoctorReport(host: report).jsonText)
    }
    if !report.isWorking { throw CommandFailure(.no, "") }
  }

  private func standardOutput() throws(CommandFailure) -> StandardOutput {
    try asFailure { () throws(SystemError) in try StandardOutput() }
  }

  private func print(process pid: Int, to out: StandardOutput) throws {
    guard (1...Int(Int32.max)).contains(pid) else {
      throw CommandFailure(.usage, "--pid \(pid) is not the number of a process")
    }
    let report: ProcessReport
    do throws(ProcessExamination.Failure) {
      report = try ProcessExamination.examine(pid)
    } catch {
      if case .noSuchProcess = error { throw CommandFailure(.usage, "\(error)") }
      throw CommandFailure(.systemRefused, "\(error)")
    }
    switch output {
    case .text: for line in ProcessText(report).lines { try out.line(line) }
    case .json: try out.line(DoctorReport(process: report).jsonText)
    }
  }
}

/// The JSON of `doctor`: a host, or a process.
private struct DoctorReport: JSONWritable {
  var host: HostReport?
  var process: ProcessReport?

  func write(into json: inout JSONWriter) {
    json.object {
      $0.member("schema", "synprobe.doctor/1")
      $0.member("host", host)
      $0.member("process", process)
    }
  }
}

/// The forms of a report.
enum ReportFormat: String, CaseIterable, ExpressibleByArgument {
  case text, json
}
