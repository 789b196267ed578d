package import ArgumentParser
internal import Glibc
internal import SynDoctor
internal import SynSystem

/// The program: parse, call, print.
package struct SynProbeCommand: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "synprobe",
    abstract: "Measures TCP handshake latency with raw SYN segments, and says where the time or the loss is.",
    discussion: """
      Each probe is one SYN. Kernel time stamps split its round trip into this host's egress, the network, and this \
      host's ingress. Without CAP_NET_RAW it measures by connect(), and cannot tell where.
      Completions for bash, zsh or fish: synprobe --generate-completion-script SHELL, into the folder of that shell \
      (bash: /etc/bash_completion.d/synprobe; zsh: _synprobe in a folder of fpath; fish: ~/.config/fish/completions).
      """,
    version: "synprobe \(Version.current)",
    subcommands: [
      PingCommand.self, VerifyCommand.self, IdentifyCommand.self, TraceCommand.self, SweepCommand.self,
      ServeCommand.self, DoctorCommand.self, HealthCheckCommand.self,
      HpingCommand.self, TcppingCommand.self,
    ],
    defaultSubcommand: PingCommand.self
  )

  package init() {}

  /// Runs the program with its arguments; returns when it has done what they ask for, and exits where it could not.
  package static func main() {
    do {
      Process.fillStandardDescriptors()
      let inherited = TaskStatus.own
      try dropPrivileges()
      let arguments = ProgramName.arguments
      if arguments.first == HpingCommand.name { try HpingRefusals.check(Array(arguments.dropFirst())) }
      try checkCommand(arguments)
      var command = try parseAsRoot(arguments)
      Privilege.confine(to: command is SweepCommand ? [.sockets, .scheduling] : [.sockets, .tracing])
      switch command {
      case let doctor as DoctorCommand: try doctor.run(inherited: inherited)
      default: try command.run()
      }
    } catch let failure as CommandFailure {
      leave(with: failure)
    } catch {
      leave(with: error)
    }
  }

  /// A misspelt command is no target.
  private static func checkCommand(_ arguments: [String]) throws(CommandFailure) {
    let commands = configuration.subcommands.compactMap { $0.configuration.commandName }
    guard let objection = NearestCommand.objection(to: arguments, commands: commands + ["help"]) else { return }
    throw CommandFailure(.usage, "\(objection) (see \(ProgramName.current) --help)")
  }

  /// Before the arguments are read, no capability is in force, and none but those that sockets, --why and a sweep's pace
  /// need can be raised.
  private static func dropPrivileges() throws(CommandFailure) {
    if Privilege.isSetID {
      throw CommandFailure(
        .notPermitted, "set-user-ID and set-group-ID starts are refused: setcap cap_net_raw+p is all that is needed")
    }
    Privilege.confine(to: [.sockets, .tracing, .scheduling])
    guard Privilege.effective.isEmpty else {
      throw CommandFailure(
        .systemRefused, "cannot give up capabilities: capset(2) is refused, by a filter of system calls")
    }
  }

  private static func leave(with failure: CommandFailure) -> Never {
    if !failure.message.isEmpty { Diagnostics.say(failure.message) }
    Glibc.exit(failure.status.rawValue)
  }

  /// Help and version go to stdout; a mistake is one line on stderr.
  private static func leave(with error: any Error) -> Never {
    if let exit = error as? ExitCode { Glibc.exit(exit.rawValue) }
    if exitCode(for: error).isSuccess {
      do throws(CommandFailure) {
        let output = try asFailure { () throws(SystemError) in try StandardOutput() }
        try output.line(fullMessage(for: error))
      } catch { leave(with: error) }
      Glibc.exit(ExitStatus.yes.rawValue)
    }
    let words = oneLine(message(for: error))
    leave(with: CommandFailure(.usage, "\(words) (see \(ProgramName.current) --help)"))
  }

  /// A message that lists choices on lines of their own, on one.
  private static func oneLine(_ message: String) -> String {
    let lines = message.split(separator: "\n").map { line in line.drop { $0 == " " || $0 == "-" } }
    guard let first = lines.first, lines.count > 1 else { return message }
    return "\(first) \(lines.dropFirst().joined(separator: ", "))"
  }
}

/// The version of the program.
enum Version {
  static let current = "0.1.0"
}
