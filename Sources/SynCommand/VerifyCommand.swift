internal import ArgumentParser
internal import SynVerdict
internal import SynVerify

/// `synprobe verify`: judge claims about a target.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Did the injected fault take effect, where, and is it gone?",
    discussion: """
      Probes until every claim is confirmed or refuted, or a limit is reached; the whole is the worst of the claims.
      Ranges: 90ms..110ms, ..200ms, 50ms.., 100ms+-10ms, 100ms+-10%, and the same of percentages: 4%..6%, ..1%.
      A fault may be given in the injector's own words: --netem 'delay 100ms loss 5%' --path peer.
      The last line on stderr is the verdict in one sentence.
      Exit status: 0 confirmed, 1 mismatch, 2 inconclusive, 64 bad input, 68 name not resolved, 71 the system refused, \
      74 output failed, 77 CAP_NET_RAW is missing for --mode syn, 130/143 interrupted.
      """
  )

  @Argument(help: ArgumentHelp("HOST:PORT, [V6]:PORT, or HOST with --port.", valueName: "target"))
  var target: String?

  @OptionGroup(title: "Claims")
  var claims: ClaimOptions

  @Option(help: .of(.netem, "line"))
  var netem: String?

  @Option(
    help: ArgumentHelp("What Chaos Mesh was told: a NetworkChaos in YAML, as FILE#NAME of several.", valueName: "file"))
  var networkChaos: String?

  @Option(help: ArgumentHelp("What netem does: the output of tc qdisc show dev NAME, or of tc -j.", valueName: "file"))
  var qdisc: String?

  @Option(help: .of(.path, "place"))
  var path: PathChoice?

  @Option(help: ArgumentHelp("The state before: a result saved by ping -o json.", valueName: "file"))
  var baseline: String?

  @Option(help: .of(.control, "target"))
  var control: String?

  @Option(help: .of(.confidence, "percent"))
  var confidence: String?

  @Option(help: .of(.mostProbes, "n"))
  var maxProbes: Int?

  @Option(
    help: .of(.longest, "duration"),
    transform: Arguments.duration)
  var maxTime: Duration?

  @Option(
    name: [.customShort("i", allowingJoined: true), .long], parsing: .unconditional,
    help: .of(.interval, "duration"),
    transform: Arguments.duration)
  var interval: Duration?

  @Option(
    name: [.customShort("W", allowingJoined: true), .long], parsing: .unconditional,
    help: .of(.timeout, "duration"),
    transform: Arguments.duration)
  var timeout: Duration?

  @Option(help: .of(.sibling, "port"), transform: Arguments.port)
  var sibling: UInt16?

  @OptionGroup
  var sending: SendingOptions

  @Option(
    help: ArgumentHelp(
      "Write each probe's packets, with what became of it, and the verdict to a capture file (pcapng).",
      valueName: "file"))
  var evidence: String?

  @Option(
    help: ArgumentHelp(
      "Judge again what --evidence wrote, without a probe; beside -o, -q and --field alone.", valueName: "file"))
  var replay: String?

  @Option(
    name: [.customShort("o", allowingJoined: true), .long],
    help: ArgumentHelp("Form of the result.", valueName: "format"))
  var output: VerifyFormat = .text

  @Option(help: ArgumentHelp("Field for '--output value', as claims.0.estimate_ms.", valueName: "path"))
  var field: String?

  @Flag(name: .shortAndLong, help: "Print what became of each claim only.")
  var quiet = false

  @Flag(help: "Draw the round trips and the claims in place, on a terminal.")
  var live = false

  @Flag(help: "Print without colours.")
  var noColor = false

  func run() throws {
    if let replay { return try ReplayRun(self, of: replay).run() }
    try VerifyRun(VerifyOptions(self)).run()
  }
}

/// `--path`'s words.
enum PathChoice: String, CaseIterable, ExpressibleByArgument {
  case egress, peer, both

  var path: FaultPath {
    switch self {
    case .egress: .egress
    case .peer: .peer
    case .both: .both
    }
  }
}

/// The forms of the result of `verify`.
enum VerifyFormat: String, CaseIterable, ExpressibleByArgument {
  case text, json, value
}

extension ArgumentHelp {
  /// The help of a setting, and its default.
  fileprivate static func of(_ setting: VerifySetting, _ valueName: String) -> ArgumentHelp {
    ArgumentHelp(
      "\(setting.help)\(setting.usual.map { " (default: \($0))" } ?? "")", valueName: valueName)
  }
}
