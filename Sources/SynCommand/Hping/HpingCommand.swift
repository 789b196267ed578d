internal import ArgumentParser

/// `synprobe hping3`, and the program under that name: a drop-in for the SYN mode of hping3.
struct HpingCommand: ParsableCommand {
  static let name = "hping3"

  static let configuration = CommandConfiguration(
    commandName: name,
    abstract: "Take hping3's place: its options, lines and exit statuses for SYN probes, with honest numbers.",
    discussion: """
      Also as a program of its own: ln -s synprobe hping3. Needs CAP_NET_RAW; IPv4 only, as hping3.
      An answer counts for 2 s (with -k for 1 s, or the interval), and once: the loss is never negative, and an ICMP \
      error is no answer.
      Ctrl-C and SIGTERM end the run with its summary, which goes to stderr.
      Exit status: 0 the target answered, 1 it did not (with --tcpexitcode the flags of its last answer: 18 SYN-ACK, \
      20 RST-ACK, 0 none), 64 bad input or an option that is refused, 68 name not resolved, 71 the system refused, \
      74 output failed, 77 CAP_NET_RAW is missing.
      """
  )

  @Argument(help: ArgumentHelp("The host to probe: a name or an IPv4 address.", valueName: "host"))
  var host: String

  @Flag(name: [.customShort("S"), .long], help: "Set the SYN flag: the one mode there is, and to be given.")
  var syn = false

  @Option(name: [.customShort("p"), .long], help: ArgumentHelp("Destination port.", valueName: "port"))
  var destport: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("Probes to send. (default: until interrupted)", valueName: "n"))
  var count: String?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Seconds, or u and microseconds, between two probes. (default: 1)", valueName: "n|un"))
  var interval: String?

  @Flag(help: "10 probes a second.")
  var fast = false

  @Flag(help: "As fast as -i u1: 10000 probes a second.")
  var faster = false

  @Flag(name: .shortAndLong, help: "Look no names of ICMP senders up.")
  var numeric = false

  @Flag(name: .shortAndLong, help: "Print the first line, hops and the summary only.")
  var quiet = false

  @Flag(name: [.customShort("V"), .long], help: "Print all header fields of each answer.")
  var verbose = false

  @Option(name: [.customShort("I"), .long], help: ArgumentHelp("Device to send by.", valueName: "name"))
  var interface: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("Time to live, 1 to 255. (default: 64)", valueName: "n"))
  var ttl: String?

  @Option(name: [.customShort("s"), .long], help: ArgumentHelp("First source port; it counts up.", valueName: "port"))
  var baseport: String?

  @Flag(name: .shortAndLong, help: "Keep the source port.")
  var keep = false

  @Option(name: [.customShort("w"), .long], help: ArgumentHelp("Receive window. (default: 512)", valueName: "n"))
  var win: String?

  @Option(
    name: [.customShort("o"), .long], help: ArgumentHelp("TOS octet, hexadecimal; several are or-ed.", valueName: "hex")
  )
  var tos: [String] = []

  @Flag(help: "Exit with the flags of the last answer.")
  var tcpexitcode = false

  @Flag(name: [.customShort("T"), .long], help: "Raise the TTL from 1 on with each hop that answers.")
  var traceroute = false

  @Flag(help: "End a traceroute with the first answer that is not a hop's.")
  var trStop = false

  func run() throws {
    try HpingRun(HpingPlan(self)).run()
  }
}
