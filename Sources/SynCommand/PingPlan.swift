internal import SynCore
internal import SynProbe
internal import SynSystem
internal import SynWire

/// A checked `ping` command line.
struct PingPlan {
  let targets: [Target]
  let count: Int?
  let interval: Duration
  let timeout: Duration
  let family: IPAddress.Family?
  let configuration: ProberConfiguration
  let output: OutputFormat
  let field: FieldPath?
  let tellsDirection: Bool
  let explains: Bool
  let sibling: UInt16?
  let isLive: Bool
  /// How heights grow in what is drawn.
  let axis: LiveAxis.Kind
  let isQuiet: Bool
  let isVerbose: Bool
  let usesColor: Bool
  /// Whether each line begins with the time of day.
  let hasTimes: Bool
  let hasHistogram: Bool

  /// What a user can mean.
  static let mostProbes = 1_000_000_000

  /// - Throws: `CommandFailure` with status 64 for whatever cannot be meant.
  init(_ command: PingCommand) throws(CommandFailure) {
    try PingPlan.checkConflicts(command)
    count = try PingPlan.count(command)
    interval = command.interval ?? .milliseconds(200)
    timeout = command.timeout ?? .seconds(2)
    targets = try command.sending.targets(command.targets + PingPlan.listed(command.targetsFile))
    configuration = try PingPlan.configuration(command)
    family = try command.sending.family() ?? configuration.source?.family
    output = command.output
    field = try command.field.map { text throws(CommandFailure) in try PingPlan.field(text) }
    tellsDirection = command.direction
    explains = command.explain || command.sibling != nil
    sibling = command.sibling
    isLive = command.live
    axis = command.axis
    isQuiet = command.quiet
    isVerbose = command.verbose
    hasTimes = command.timestamps
    hasHistogram = command.histogram
    usesColor = !command.noColor && TextStyle.environmentAllowsColor
  }

  private static func field(_ text: String) throws(CommandFailure) -> FieldPath {
    do throws(FieldPath.ParseError) { return try FieldPath(text, in: PingReport.self, example: "rtt_ms.p50") } catch {
      throw CommandFailure(.usage, "--field \(error)")
    }
  }

  private static let largestList = 4 * 1024 * 1024

  /// The targets of a file, one a line; empty lines and what follows a # are left out.
  private static func listed(_ path: String?) throws(CommandFailure) -> [String] {
    guard let path else { return [] }
    let text: String
    do throws(TextFile.Failure) {
      text = try TextFile.read(path == "-" ? "/dev/stdin" : path, atMost: largestList, waits: true)
    } catch {
      throw CommandFailure(.usage, "--targets \(path.escaped): \(error)")
    }
    let words = text.split(whereSeparator: \.isNewline).flatMap { line in
      line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace).map(String.init)
    }
    guard !words.isEmpty else { throw CommandFailure(.usage, "--targets \(path.escaped): there is no target in it") }
    return words
  }

  private static func checkConflicts(_ command: PingCommand) throws(CommandFailure) {
    let pairs: [(Bool, String)] = [
      (command.forever && command.count != nil, "--count and --forever exclude each other"),
      (command.quiet && command.verbose, "--quiet and --verbose exclude each other"),
      (command.live && command.output != .text, "--live draws on a terminal: it goes with --output text only"),
      ((command.output == .value) != (command.field != nil), "--output value and --field PATH go together"),
      (
        command.targets.isEmpty && command.targetsFile == nil && command.sending.way.port != nil,
        "--port is given, but no target"
      ),
      (
        command.timestamps && command.output != .text, "--timestamps goes with --output text: the others have the times"
      ),
      (command.histogram && command.output != .text, "--histogram goes with --output text only"),
      (command.sending.mode == .connect && command.mssOnly, "--mss-only and --mode connect exclude each other"),
      (command.forever && command.output == .value, "--output value prints at the end, which --forever never reaches"),
    ]
    for (isConflict, message) in pairs where isConflict { throw CommandFailure(.usage, message) }
  }

  private static func count(_ command: PingCommand) throws(CommandFailure) -> Int? {
    if command.forever { return nil }
    let count = command.count ?? 5
    guard (1...mostProbes).contains(count) else {
      throw CommandFailure(.usage, "--count \(count) is out of range: 1 to \(mostProbes), or --forever")
    }
    return count
  }

  private static func configuration(_ command: PingCommand) throws(CommandFailure) -> ProberConfiguration {
    var configuration = try command.sending.configuration()
    if let ttl = command.ttl, ttl == 0 { throw CommandFailure(.usage, "--ttl 0 is out of range: 1 to 255") }
    if let dscp = command.dscp, dscp > 63 { throw CommandFailure(.usage, "--dscp \(dscp) is out of range: 0 to 63") }
    configuration.hopLimit = command.ttl
    configuration.codePoint = command.dscp
    configuration.mark = command.mark ?? 0
    configuration.options = command.mssOnly ? .mss : .client
    return configuration
  }
}
