internal import ArgumentParser
internal import SynVerdict

/// What is claimed: one option for each claim.
struct ClaimOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The median round trip lies in it.", valueName: "range"), transform: ClaimOptions.rtt)
  var rtt: Claim?

  @Option(
    help: ArgumentHelp("The 99th percentile of the round trips lies in it.", valueName: "range"),
    transform: ClaimOptions.rttP99)
  var rttP99: Claim?

  @Option(
    parsing: .unconditional,  // A shift may be negative, as -1ms..1ms.
    help: ArgumentHelp("The median rose by this against the baseline.", valueName: "range"),
    transform: ClaimOptions.added)
  var added: Claim?

  @Option(
    help: ArgumentHelp("The inter-quartile range of the round trips lies in it.", valueName: "range"),
    transform: ClaimOptions.jitter)
  var jitter: Claim?

  @Option(help: ArgumentHelp("This share of probes is lost.", valueName: "range"), transform: ClaimOptions.loss)
  var loss: Claim?

  @Option(
    help: ArgumentHelp("The network copies this share of answers.", valueName: "range"),
    transform: ClaimOptions.duplicate)
  var duplicate: Claim?

  @Option(
    help: ArgumentHelp("This share of probes comes back damaged.", valueName: "range"),
    transform: ClaimOptions.corrupt)
  var corrupt: Claim?

  @Option(
    help: ArgumentHelp("This share of answers is overtaken by a later one.", valueName: "range"),
    transform: ClaimOptions.reorder)
  var reorder: Claim?

  @Flag(help: "There is no answer at all.")
  var partition = false

  @Flag(help: "Every probe is refused by a RST.")
  var refused = false

  @Flag(help: "All is as in the baseline: the fault is over.")
  var clear = false

  @Option(
    name: .customLong("where"),
    help: ArgumentHelp("The added delay, or the loss, sits in: egress, network or ingress.", valueName: "segment"),
    transform: ClaimOptions.place)
  var place: Claim?

  /// All that were given, in the order of the help.
  var claims: [Claim] {
    let flags: [(Bool, Claim.Content)] = [(partition, .partition), (refused, .refused), (clear, .clear)]
    return [rtt, rttP99, added, jitter, loss, duplicate, corrupt, reorder].compactMap { $0 }
      + flags.filter { $0.0 }.map { Claim($0.1) } + [place].compactMap { $0 }
  }

  // MARK: Readers

  private static let rtt = reader("rtt")
  private static let rttP99 = reader("rtt-p99")
  private static let added = reader("added")
  private static let jitter = reader("jitter")
  private static let loss = reader("loss")
  private static let duplicate = reader("duplicate")
  private static let corrupt = reader("corrupt")
  private static let reorder = reader("reorder")
  private static let place = reader("where")

  private static func reader(_ name: String) -> @Sendable (String) throws -> Claim {
    { text in
      do { return try Claim.parse(name, text) } catch { throw ValidationError("\(error)") }
    }
  }
}
