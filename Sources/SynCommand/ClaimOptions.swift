internal import ArgumentParser
internal import SynVerdict

/// What is claimed: one option for each claim.
struct ClaimOptions: ParsableArguments {
  @Option(help: ArgumentHelp(ClaimWord.help("rtt"), valueName: "range"), transform: ClaimOptions.rtt)
  var rtt: [Claim] = []

  @Option(
    help: ArgumentHelp(ClaimWord.help("rtt-p99"), valueName: "range"),
    transform: ClaimOptions.rttP99)
  var rttP99: [Claim] = []

  @Option(
    parsing: .unconditionalSingleValue,  // A shift may be negative, as -1ms..1ms.
    help: ArgumentHelp(ClaimWord.help("added"), valueName: "range"),
    transform: ClaimOptions.added)
  var added: [Claim] = []

  @Option(
    help: ArgumentHelp(ClaimWord.help("jitter"), valueName: "range"),
    transform: ClaimOptions.jitter)
  var jitter: [Claim] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(ClaimWord.help("added-forward"), valueName: "range"),
    transform: ClaimOptions.addedForward)
  var addedForward: [Claim] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(ClaimWord.help("added-back"), valueName: "range"),
    transform: ClaimOptions.addedBack)
  var addedBack: [Claim] = []

  @Option(help: ArgumentHelp(ClaimWord.help("loss"), valueName: "range"), transform: ClaimOptions.loss)
  var loss: [Claim] = []

  @Option(
    help: ArgumentHelp(ClaimWord.help("duplicate"), valueName: "range"),
    transform: ClaimOptions.duplicate)
  var duplicate: [Claim] = []

  @Option(
    help: ArgumentHelp(ClaimWord.help("corrupt"), valueName: "range"),
    transform: ClaimOptions.corrupt)
  var corrupt: [Claim] = []

  @Option(
    help: ArgumentHelp(ClaimWord.help("reorder"), valueName: "range"),
    transform: ClaimOptions.reorder)
  var reorder: [Claim] = []

  @Option(help: ArgumentHelp(ClaimWord.help("rate"), valueName: "range"), transform: ClaimOptions.rate)
  var rate: [Claim] = []

  @Flag(help: ArgumentHelp(ClaimWord.help("partition")))
  var partition = false

  @Flag(help: ArgumentHelp(ClaimWord.help("refused")))
  var refused = false

  @Flag(help: ArgumentHelp(ClaimWord.help("clear")))
  var clear = false

  @Option(
    name: .customLong("where"),
    help: ArgumentHelp(ClaimWord.help("where"), valueName: "segment"),
    transform: ClaimOptions.place)
  var place: [Claim] = []

  /// All that were given, in the order of the help.
  var claims: [Claim] {
    let flags: [(Bool, Claim.Content)] = [(partition, .partition), (refused, .refused), (clear, .clear)]
    return rtt + rttP99 + added + addedForward + addedBack + jitter + loss + duplicate + corrupt + reorder + rate
      + flags.filter { $0.0 }.map { Claim($0.1) } + place
  }

  func validate() throws {
    var names: Set<String> = []
    for claim in claims where !names.insert(claim.name).inserted {
      throw ValidationError("--\(claim.name) is given twice")
    }
  }

  // MARK: Readers

  private static let rtt = reader("rtt")
  private static let rttP99 = reader("rtt-p99")
  private static let added = reader("added")
  private static let addedForward = reader("added-forward")
  private static let addedBack = reader("added-back")
  private static let jitter = reader("jitter")
  private static let loss = reader("loss")
  private static let duplicate = reader("duplicate")
  private static let corrupt = reader("corrupt")
  private static let reorder = reader("reorder")
  private static let rate = reader("rate")
  private static let place = reader("where")

  private static func reader(_ name: String) -> @Sendable (String) throws -> Claim {
    { text in
      do { return try Claim.parse(name, text) } catch { throw ValidationError("\(error)") }
    }
  }
}
