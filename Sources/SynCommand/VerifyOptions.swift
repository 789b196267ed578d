internal import SynCore
internal import SynFaultFiles
internal import SynProbe
internal import SynSystem
internal import SynVerdict
internal import SynVerify
internal import SynWire

/// A checked `verify` command line.
struct VerifyOptions {
  /// The target, and behind it the control target where there is one.
  let targets: [Target]
  private let terms: VerifyTerms
  let family: IPAddress.Family?
  let configuration: ProberConfiguration
  let form: VerifyForm
  /// Where the evidence goes; nil for nowhere.
  let evidenceFile: String?
  private let baselineFile: String?

  /// - Throws: `CommandFailure` with status 64 for whatever cannot be meant.
  init(_ command: VerifyCommand) throws(CommandFailure) {
    try VerifyOptions.checkConflicts(command)
    guard let target = command.target else { throw CommandFailure(.usage, "Missing expected argument '<target>'") }
    targets = try command.sending.targets([target] + [command.control].compactMap { $0 })
    var configuration = try command.sending.configuration()
    configuration.keepsPackets = command.evidence != nil
    self.configuration = configuration
    family = try command.sending.family() ?? configuration.source?.family
    terms = try VerifyOptions.terms(command)
    form = try VerifyForm(command)
    evidenceFile = command.evidence
    baselineFile = command.baseline
  }

  /// What is to be done once the targets have addresses.
  /// - Throws: `CommandFailure` with status 64 for a baseline that is none.
  func plan(_ hosts: [VerifyPlan.Host]) throws(CommandFailure) -> VerifyPlan {
    let baseline = try baselineFile.map { file throws(CommandFailure) in
      try BaselineFile.read(file, for: hosts[0].endpoint)
    }
    return terms.plan(target: hosts[0], control: hosts.count > 1 ? hosts[1] : nil, baseline: baseline)
  }

  // MARK: Checks

  private static func checkConflicts(_ command: VerifyCommand) throws(CommandFailure) {
    let faults = [command.netem, command.networkChaos, command.qdisc].compactMap { $0 }.count
    let pairs: [(Bool, String)] = [
      (faults > 1, "--netem, --network-chaos and --qdisc exclude each other"),
      (command.path != nil && faults == 0, "--path says where the fault of --netem, --network-chaos or --qdisc sits"),
      (command.baseline != nil && command.control != nil, "--baseline and --control exclude each other"),
    ]
    for (isConflict, message) in pairs where isConflict { throw CommandFailure(.usage, message) }
  }

  private static func terms(_ command: VerifyCommand) throws(CommandFailure) -> VerifyTerms {
    var draft = VerifyDraft()
    draft.claims = command.claims.claims
    draft.path = command.path?.path
    draft.hasBaseline = command.baseline != nil
    draft.hasControl = command.control != nil
    draft.mostProbes = command.maxProbes
    draft.longest = command.maxTime
    draft.interval = command.interval
    draft.timeout = command.timeout
    draft.sibling = command.sibling
    do throws(VerifyDraft.Objection) {
      if let line = command.netem { try draft.set(.netem, line) }
      if let text = command.confidence { try draft.set(.confidence, text) }
    } catch { throw VerifyOptions.failure(error) }
    if let (fault, option) = try VerifyOptions.faultFile(command) { draft.inject(fault, as: option) }
    for note in draft.notes { Diagnostics.say(note) }
    do throws(VerifyDraft.Objection) { return try draft.settled() } catch { throw VerifyOptions.failure(error) }
  }

  static func failure(_ objection: VerifyDraft.Objection) -> CommandFailure {
    switch objection.name {
    case "claims":
      CommandFailure(
        .usage,
        "\(objection.reason) For example --added 90ms..110ms --baseline before.json, or --netem 'delay 100ms' --path peer"
      )
    case let name:
      CommandFailure(.usage, "--\(name.replacing("_", with: "-")): \(objection.reason)")
    }
  }

  /// What a file says was injected, and the option that named it.
  private static func faultFile(_ command: VerifyCommand) throws(CommandFailure) -> (InjectedFault, String)? {
    if let path = command.networkChaos {
      // FILE#NAME chooses one of several.
      let parts = path.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
      let text = try BaselineFile.text(of: String(parts[0]))
      let name = parts.count > 1 ? String(parts[1]) : nil
      return (
        try asUsage(path.escaped) { () throws(ClaimError) in try InjectedFault.networkChaos(text, named: name) },
        "network_chaos"
      )
    }
    guard let path = command.qdisc else { return nil }
    let text = try BaselineFile.text(of: path)
    return (try asUsage(path.escaped) { () throws(ClaimError) in try InjectedFault.qdisc(text) }, "qdisc")
  }
}

/// Turns a file that cannot be understood into the end of the command.
private func asUsage<Value>(
  _ place: String, _ body: () throws(ClaimError) -> Value
) throws(CommandFailure) -> Value {
  do throws(ClaimError) { return try body() } catch { throw CommandFailure(.usage, "\(place): \(error)") }
}
