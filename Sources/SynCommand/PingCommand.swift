internal import ArgumentParser

/// `synprobe ping`: probe targets, print each probe and a summary.
struct PingCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ping",
    abstract: "Probe TCP ports with SYN segments and report latency, loss, and where they arise.",
    discussion: """
      Without a target it probes a listener that it opens on loopback itself.
      Durations are written with a unit: 500us 20ms 1.5s 2m.
      Mode syn needs CAP_NET_RAW; without it 'auto' takes connect, which has the kernel's round trip and no places.
      Ctrl-C, SIGTERM and SIGHUP end the run with its summary; SIGQUIT (Ctrl-\\) prints an interim one.
      Exit status: 0 a target answered open, 1 none did, 64 bad input, 68 name not resolved, 71 the system refused, \
      74 output failed, 77 CAP_NET_RAW is missing for --mode syn, 130/143 interrupted.
      """
  )

  @Argument(help: ArgumentHelp("HOST:PORT, HOST PORT, [V6]:PORT, a URL, or HOST with --port.", valueName: "target"))
  var targets: [String] = []

  @Option(
    name: .customLong("targets"),
    help: ArgumentHelp("Targets from a file, one a line; - is standard input.", valueName: "file"))
  var targetsFile: String?

  @Option(
    name: [.customShort("c", allowingJoined: true), .long], parsing: .unconditional,
    help: ArgumentHelp("Probes to send to each target. (default: 5)", valueName: "n"))
  var count: Int?

  @Flag(help: "Send until interrupted.")
  var forever = false

  @Option(
    name: [.customShort("i", allowingJoined: true), .long], parsing: .unconditional,
    help: ArgumentHelp("Time between two probes. (default: 200ms)", valueName: "duration"),
    transform: Arguments.duration)
  var interval: Duration?

  @Option(
    name: [.customShort("W", allowingJoined: true), .long], parsing: .unconditional,
    help: ArgumentHelp("How long an answer counts. (default: 2s)", valueName: "duration"),
    transform: Arguments.duration)
  var timeout: Duration?

  @OptionGroup
  var sending: SendingOptions

  @Option(help: ArgumentHelp("Time to live, or hop limit, 1 to 255.", valueName: "n"))
  var ttl: UInt8?

  @Option(help: ArgumentHelp("Differentiated services code point, 0 to 63.", valueName: "n"))
  var dscp: UInt8?

  @Option(help: ArgumentHelp("Firewall mark, for policy routing.", valueName: "n"))
  var mark: UInt32?

  @Flag(help: "Send no TCP option but MSS.")
  var mssOnly = false

  @Flag(help: "Tell which way probes are lost: listens some 3 s for what the target repeats.")
  var direction = false

  @Flag(help: "When a port falls silent, ask closed ports of its host whether that is well.")
  var explain = false

  @Option(
    help: ArgumentHelp("The port that --explain asks. (default: some that hardly anybody uses)", valueName: "port"),
    transform: Arguments.port)
  var sibling: UInt16?

  @Option(
    name: [.customShort("o", allowingJoined: true), .long],
    help: ArgumentHelp("Form of the results.", valueName: "format"))
  var output: OutputFormat = .text

  @Option(help: ArgumentHelp("Field for '--output value', as rtt_ms.p50.", valueName: "path"))
  var field: String?

  @Flag(help: "Draw the round trips in place, on a terminal.")
  var live = false

  @Option(help: ArgumentHelp("Axis of --live.", valueName: "kind"))
  var axis: LiveAxis.Kind = .linear

  @Flag(name: [.customShort("D"), .long], help: "Print the time of day before each line.")
  var timestamps = false

  @Flag(help: "Print how the round trips are spread, with the summary.")
  var histogram = false

  @Flag(name: .shortAndLong, help: "Print the summary only.")
  var quiet = false

  @Flag(name: .shortAndLong, help: "Print each answer's headers and every anomaly.")
  var verbose = false

  @Flag(help: "Print without colours.")
  var noColor = false

  func run() throws {
    try PingRun(PingPlan(self)).run()
  }
}

/// The forms of the results.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
  case text, json, jsonl, csv, value, prometheus
}
