internal import SynSystem

/// The name that the program was started under: some commands are programs of their own, by a link of their name.
enum ProgramName {
  /// The names that are commands.
  private static let commands: Set = [HpingCommand.name, TcppingCommand.name]

  /// What messages begin with.
  static let current = linked ?? "synprobe"

  /// The command that the name stands for; nil under the program's own name, or any other.
  private static let linked = Process.name.flatMap { commands.contains($0) ? $0 : nil }

  /// The arguments, with the command before them that the name stands for.
  static var arguments: [String] { (linked.map { [$0] } ?? []) + Process.arguments }
}
