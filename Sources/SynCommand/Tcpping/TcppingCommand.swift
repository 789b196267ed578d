internal import ArgumentParser
internal import SynCore
internal import SynProbe

/// `synprobe tcpping`, and the program under that name: what SmokePing's TCPPing probe runs.
struct TcppingCommand: ParsableCommand {
  static let name = "tcpping"

  static let configuration = CommandConfiguration(
    commandName: name,
    abstract: "Print one line in the manner of fping -C: for SmokePing's TCPPing probe.",
    discussion: """
      Also as a program of its own: ln -s synprobe tcpping. Round trips are in milliseconds; a '-' for each probe \
      that was not answered stands after them, for SmokePing discards a line that begins with one.
      Exit status: 0 the line was printed, 64 bad input, 68 name not resolved, 71 the system refused, \
      74 output failed, 130/143 interrupted.
      """
  )

  @Argument(help: ArgumentHelp("The host to probe: a name or an address.", valueName: "host"))
  var host: String

  @Argument(help: ArgumentHelp("Its port.", valueName: "port"))
  var port = "80"

  @Flag(name: .customShort("C"), help: "The form of fping -C: the one form there is, and to be given.")
  var isColumnar = false

  @Option(name: .customShort("x"), help: ArgumentHelp("Probes to send.", valueName: "n"))
  var count: Int

  @Option(name: .customShort("r"), help: ArgumentHelp("Seconds between two probes.", valueName: "n"))
  var interval = "1"

  @Option(name: .customShort("w"), help: ArgumentHelp("Seconds that an answer counts.", valueName: "n"))
  var wait = "3"

  func run() throws {
    guard isColumnar else { throw ValidationError("the form of fping -C is all this prints: give -C") }
    guard (1...100_000).contains(count) else { throw ValidationError("-x \(count) is out of range: 1 to 100000") }
    try TcppingRun(
      target: target(), count: count, interval: Arguments.duration("\(interval)s"),
      timeout: Arguments.duration("\(wait)s")
    ).run()
  }

  private func target() throws -> Target {
    do throws(Target.ParseError) {
      return try Target.parse(host, defaultPort: Target.parsePort(port))
    } catch {
      throw ValidationError("\(error)")
    }
  }
}
