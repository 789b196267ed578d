internal import SynCore
internal import SynFaultFiles
internal import SynIO
internal import SynProbe
internal import SynVerdict
internal import SynVerify
internal import SynWire

/// A checked `verify` command line.
struct VerifyOptions {
  /// The target, and behind it the control target where there is one.
  let targets: [Target]
  let claims: [Claim]
  let injected: NetemSpec?
  let confidence: Double
  let mostProbes: Int
  let longest: Duration
  let interval: Duration
  let timeout: Duration
  let family: IPAddress.Family?
  let configuration: ProberConfiguration
  let output: VerifyFormat
  let field: FieldPath?
  let isQuiet: Bool
  let usesColor: Bool
  private let baselineFile: String?

  private static let mostAccepted = 100_000
  private static let largestFile = 64 * 1024 * 1024

  /// - Throws: `CommandFailure` with status 64 for whatever cannot be meant.
  init(_ command: VerifyCommand) throws(CommandFailure) {
    try VerifyOptions.checkConflicts(command)
    targets = try command.sending.targets([command.target] + [command.control].compactMap { $0 })
    configuration = try command.sending.configuration()
    family = try command.sending.family() ?? configuration.source?.family
    confidence = try VerifyOptions.confidence(command.confidence)
    mostProbes = command.maxProbes ?? 2000
    guard (1...VerifyOptions.mostAccepted).contains(mostProbes) else {
      throw CommandFailure(.usage, "--max-probes \(mostProbes) is out of range: 1 to \(VerifyOptions.mostAccepted)")
    }
    longest = command.maxTime ?? .seconds(60)
    timeout = command.timeout ?? VerifyPlan.usualTimeout(within: longest)
    if let reason = VerifyPlan.objection(timeout: timeout, longest: longest) {
      throw CommandFailure(.usage, "--timeout and --max-time: \(reason)")
    }
    let fault = try VerifyOptions.fault(command)
    injected = fault?.netem
    let interval = command.interval?.nanoseconds ?? VerifyPlan.interval(showing: fault)
    self.interval = .nanoseconds(interval)
    let hasBaseline = command.baseline != nil || command.control != nil
    for note in fault?.netem?.notes ?? [] { Diagnostics.say(note) }
    if fault == nil, command.claims.claims.isEmpty {
      throw CommandFailure(
        .usage,
        "nothing is claimed: what must hold? For example --added 90ms..110ms --baseline before.json, or"
          + " --netem 'delay 100ms' --path peer")
    }
    claims = try asUsage { () throws(ClaimError) in
      try VerifyPlan.claims(
        command.claims.claims, fault: fault, path: command.path?.path, hasBaseline: hasBaseline, interval: interval)
    }
    output = command.output
    field = try command.field.map { text throws(CommandFailure) in try VerifyOptions.field(text) }
    isQuiet = command.quiet
    usesColor = !command.noColor && TextStyle.environmentAllowsColor
    baselineFile = command.baseline
  }

  /// What is to be done once the targets have addresses.
  /// - Throws: `CommandFailure` with status 64 for a baseline that is none.
  func plan(_ hosts: [VerifyPlan.Host]) throws(CommandFailure) -> VerifyPlan {
    var plan = VerifyPlan(target: hosts[0], claims: claims)
    plan.control = hosts.count > 1 ? hosts[1] : nil
    if let baselineFile { plan.baseline = try VerifyOptions.baseline(baselineFile, for: hosts[0].endpoint) }
    plan.confidence = confidence
    plan.mostProbes = mostProbes
    plan.longest = longest
    plan.interval = interval
    plan.timeout = timeout
    plan.injected = injected
    return plan
  }

  // MARK: Checks

  private static func checkConflicts(_ command: VerifyCommand) throws(CommandFailure) {
    let faults = [command.netem, command.networkChaos, command.qdisc].compactMap { $0 }.count
    let pairs: [(Bool, String)] = [
      (faults > 1, "--netem, --network-chaos and --qdisc exclude each other"),
      (command.path != nil && faults == 0, "--path says where the fault of --netem, --network-chaos or --qdisc sits"),
      (command.baseline != nil && command.control != nil, "--baseline and --control exclude each other"),
      ((command.output == .value) != (command.field != nil), "--output value and --field PATH go together"),
    ]
    for (isConflict, message) in pairs where isConflict { throw CommandFailure(.usage, message) }
  }

  private static func confidence(_ text: String?) throws(CommandFailure) -> Double {
    guard let text else { return 0.95 }
    do throws(Confidence.ParseError) { return try Confidence.parse(text) } catch {
      throw CommandFailure(.usage, "--confidence \(error)")
    }
  }

  private static func fault(_ command: VerifyCommand) throws(CommandFailure) -> InjectedFault? {
    if let line = command.netem {
      return InjectedFault(netem: try asUsage("--netem") { () throws(ClaimError) in try NetemSpec.parse(line) })
    }
    if let path = command.networkChaos {
      // FILE#NAME chooses one of several.
      let parts = path.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
      let text = try text(of: String(parts[0]))
      let name = parts.count > 1 ? String(parts[1]) : nil
      return try asUsage(path.escaped) { () throws(ClaimError) in try InjectedFault.networkChaos(text, named: name) }
    }
    guard let path = command.qdisc else { return nil }
    let text = try text(of: path)
    return try asUsage(path.escaped) { () throws(ClaimError) in try InjectedFault.qdisc(text) }
  }

  private static func baseline(_ path: String, for target: Endpoint) throws(CommandFailure) -> SavedBaseline {
    let text = try text(of: path)
    do throws(SavedBaseline.Failure) { return try SavedBaseline(text, for: target) } catch {
      throw CommandFailure(.usage, "\(path.escaped): \(error)")
    }
  }

  private static func text(of path: String) throws(CommandFailure) -> String {
    do throws(TextFile.Failure) { return try TextFile.read(path, atMost: largestFile, waits: true) } catch {
      throw CommandFailure(.usage, "\(path.escaped): \(error)")
    }
  }

  private static func field(_ text: String) throws(CommandFailure) -> FieldPath {
    do throws(FieldPath.ParseError) {
      return try FieldPath(text, in: VerifyReport.self, example: "claims.0.estimate_ms")
    } catch {
      throw CommandFailure(.usage, "--field \(error)")
    }
  }
}

/// Turns a claim that cannot be read into the end of the command.
private func asUsage<Value>(
  _ place: String? = nil, _ body: () throws(ClaimError) -> Value
) throws(CommandFailure) -> Value {
  do throws(ClaimError) { return try body() } catch {
    throw CommandFailure(.usage, (place.map { "\($0): " } ?? "") + "\(error)")
  }
}
