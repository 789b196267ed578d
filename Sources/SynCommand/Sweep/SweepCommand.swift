internal import ArgumentParser
internal import SynCore
internal import SynProbe
internal import SynSystem
internal import SynWire

/// In which form the answers of a sweep are printed.
enum SweepFormat: String, ExpressibleByArgument, CaseIterable {
  case text, jsonl, csv
}

/// Which answers of a sweep are printed.
enum SweepChoice: String, ExpressibleByArgument, CaseIterable {
  case open, closed, answered, all
}

/// In which order a sweep goes.
enum SweepOrderChoice: String, ExpressibleByArgument, CaseIterable {
  case random, linear
}

/// `synprobe sweep`: many targets, one measurement each.
struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Asks many targets, each by one SYN, and prints who answers, and how soon.",
    discussion: """
      Targets are blocks (192.0.2.0/24, 2001:db8::/120), FIRST-LAST, addresses, files with one of these on a line, or - \
      for such lines on standard input; lists are swept by \(SweepTargets.linesAtOnce) lines at a time. Left out are \
      IANA's special-purpose ranges, but for private, shared, documentation and benchmarking space and for what is this \
      host's own or on its links. rtt is the time between the SYN and the answer at this host's device: the network's \
      own, without this host's egress and ingress. SYNs leave as evenly as the kernel wakes this program: \
      with CAP_SYS_NICE, and up to 20 000 a second, within some 2 ms; others up to 5 ms late on a busy host.
      Exit status: 0 a target answered open, 1 none did, 64 bad input, 71 the system refused, 74 output failed, 77 \
      CAP_NET_RAW is missing, 130/143 interrupted.
      """
  )

  @Argument(help: ArgumentHelp("Blocks, FIRST-LAST, addresses, files of them, or -.", valueName: "targets"))
  var targets: [String]

  @OptionGroup
  var way: WayOptions

  @Option(
    help: ArgumentHelp("SYNs a second, evenly. (default: 1000)", valueName: "n"), transform: Arguments.rate)
  var rate = 1000.0

  @Option(
    name: [.customShort("W", allowingJoined: true), .long], parsing: .unconditional,
    help: ArgumentHelp("How long an answer is waited for. (default: 2s)", valueName: "duration"),
    transform: Arguments.duration)
  var timeout = Duration.seconds(2)

  @Option(help: ArgumentHelp("Further SYNs to who does not answer, each after --timeout, up to 10.", valueName: "n"))
  var retries = 0

  @Option(help: ArgumentHelp("Leave these out: as a target, or a file of them; may be repeated.", valueName: "targets"))
  var exclude: [String] = []

  @Flag(help: "Ask special-purpose ranges as well.")
  var allowSpecial = false

  @Option(help: "Order of the targets.")
  var order: SweepOrderChoice = .random

  @Option(help: ArgumentHelp("The order's seed. (default: drawn)", valueName: "n"))
  var seed: UInt64?

  @Option(
    name: [.customShort("o", allowingJoined: true), .long],
    help: ArgumentHelp("Form of the answers.", valueName: "format"))
  var output: SweepFormat = .text

  @Option(help: "Print these; all: those that did not answer, too.")
  var only: SweepChoice = .answered

  @Option(
    help: ArgumentHelp(
      "Keep there how far it has come, and go on from there; gone when all is done.", valueName: "file"))
  var resume: String?

  @Flag(name: [.customShort("q"), .long], help: "Say nothing but the answers and errors.")
  var quiet = false

  @Flag(help: "Ask more than 65536 targets outside of private and documentation space.")
  var yes = false

  func run() throws {
    try SweepRun(self).run()
  }
}
