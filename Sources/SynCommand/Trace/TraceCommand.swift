internal import ArgumentParser
internal import SynCore
internal import SynProbe
internal import SynSystem
internal import SynWire

/// In which form a trace is printed.
enum TraceFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json, csv
}

/// `synprobe trace`: which way SYNs go, and what each hop of it adds.
struct TraceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace",
    abstract: "Which way do SYNs go to a target, and what does each hop add?",
    discussion: """
      SYNs of all hop limits are in flight at once: a run takes about one timeout, however many hops are silent. Times \
      are those between the SYN and the answer at this host's device; a hop adds its median less that of the nearest \
      one before it that answered.
      Exit status: 0 the target answered, 1 it did not, 64 bad input, 68 name not resolved, 71 the system refused, \
      74 output failed, 77 CAP_NET_RAW is missing, 130/143 interrupted.
      """
  )

  @Argument(help: ArgumentHelp("HOST:PORT, HOST PORT, [V6]:PORT, a URL, or HOST with --port.", valueName: "target"))
  var target: [String]

  @Option(
    name: [.customShort("q", allowingJoined: true), .long],
    help: ArgumentHelp("SYNs for each hop and path, 1 to 100.", valueName: "n"))
  var queries = 3

  @Option(
    name: [.customShort("m", allowingJoined: true), .long],
    help: ArgumentHelp("The greatest hop limit, 1 to 255.", valueName: "n"))
  var maxHops = 30

  @Option(help: ArgumentHelp("Source ports, each of which routers may send another way, 1 to 16.", valueName: "n"))
  var paths = 1

  @Option(
    name: [.customShort("W", allowingJoined: true), .long], parsing: .unconditional,
    help: ArgumentHelp("How long an answer counts. (default: 1s)", valueName: "duration"), transform: Arguments.duration
  )
  var timeout = TracePlan.usualTimeout

  @Flag(help: "Ask for the names of the hops.")
  var names = false

  @Flag(help: "Draw the table in place as the answers come, on a terminal.")
  var live = false

  @OptionGroup
  var way: WayOptions

  @Option(
    name: [.customShort("o", allowingJoined: true), .long],
    help: ArgumentHelp("Form of the result.", valueName: "format"))
  var output: TraceFormat = .text

  func run() throws {
    try TraceRun(self).run()
  }
}
