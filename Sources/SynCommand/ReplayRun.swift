internal import SynCore
internal import SynSystem
internal import SynVerdict
internal import SynVerify

/// One run of `verify --replay`: judges again what a file of evidence holds, without a probe.
struct ReplayRun {
  private static let largest = 1 << 30

  private let path: String
  private let form: VerifyForm

  /// - Throws: `CommandFailure` with status 64 for options that ask for a measurement.
  init(_ command: VerifyCommand, of path: String) throws(CommandFailure) {
    let others: [(Bool, String)] = [
      (command.target != nil, "a target"), (!command.claims.claims.isEmpty, "a claim"),
      (command.netem != nil, "--netem"),
      (command.networkChaos != nil, "--network-chaos"), (command.qdisc != nil, "--qdisc"),
      (command.path != nil, "--path"), (command.baseline != nil, "--baseline"), (command.control != nil, "--control"),
      (command.confidence != nil, "--confidence"), (command.maxProbes != nil, "--max-probes"),
      (command.maxTime != nil, "--max-time"), (command.interval != nil, "--interval"),
      (command.timeout != nil, "--timeout"), (command.sibling != nil, "--sibling"),
      (command.evidence != nil, "--evidence"),
    ]
    if let (_, name) = others.first(where: \.0) {
      throw CommandFailure(
        .usage, "--replay judges what was claimed and measured then: \(name) cannot be given with it")
    }
    self.path = path
    form = try VerifyForm(command)
  }

  /// - Throws: `CommandFailure` with the status of the verdict, but for a confirmation.
  func run() throws(CommandFailure) {
    let output = try asFailure { () throws(SystemError) in try StandardOutput() }
    let replay = try read()
    var verification = replay.verification
    for (event, side, moment) in replay.events {
      verification.add(event, of: side, at: moment)
      if case .started = event, form.isTalkative { try output.line(VerifyForm.header(verification, side)) }
    }
    let report = verification.report()
    try form.print(report, of: verification, output)
    if report.reason != replay.verdict {
      Diagnostics.say(
        "\(path.escaped): synprobe \(replay.version.escaped) judged otherwise then: \(replay.verdict.escaped)")
    }
    let status = ExitStatus(verification.verdict)
    if status != .yes { throw CommandFailure(status, "") }
  }

  private func read() throws(CommandFailure) -> EvidenceReplay {
    let octets: [UInt8]
    do throws(TextFile.Failure) {
      octets = try TextFile.octets(path, atMost: ReplayRun.largest, waits: true)
    } catch { throw CommandFailure(.usage, "\(path.escaped): \(error)") }
    do throws(EvidenceReplay.Failure) { return try EvidenceReplay(octets) } catch {
      throw CommandFailure(.usage, "\(path.escaped): \(error)")
    }
  }
}

/// The file that the evidence of a verification goes to.
struct EvidenceOutput: ~Copyable {
  private let path: String
  private let file: OutputFile

  /// Opens it before anything is measured.
  /// - Throws: `CommandFailure` with status 74.
  init(_ path: String) throws(CommandFailure) {
    self.path = path
    do throws(TextFile.Failure) { file = try OutputFile(path) } catch {
      throw CommandFailure(.outputFailed, "--evidence \(path.escaped): \(error)")
    }
  }

  /// Writes all that was kept; says why where it cannot, since the verdict is still to be told.
  /// - Returns: Whether it was written.
  func write(_ log: EvidenceLog, _ report: VerifyReport, of verification: Verification) -> Bool {
    do throws(TextFile.Failure) {
      try file.write(log.file(of: verification, report, version: Version.current))
    } catch {
      Diagnostics.say("--evidence \(path.escaped): \(error)")
      return false
    }
    return true
  }
}
