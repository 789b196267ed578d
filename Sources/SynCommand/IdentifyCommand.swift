internal import ArgumentParser
internal import SynCore
internal import SynProbe
internal import SynSystem
internal import SynVerdict
internal import SynVerify
internal import SynWire

/// `synprobe identify`: which line of netem explains what is seen.
struct IdentifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "identify",
    abstract: "Which line of tc's netem explains what is seen, and on which side does it sit?",
    discussion: """
      Compares a run of probes with a baseline, saved by ping -c 100 -o json while all was well, and prints the netem \
      lines that explain the difference, the nearest first, with the interval of each number.
      The last line on stderr is the result in one sentence.
      Exit status: 0 explained, 1 no netem line explains it, 2 too few probes tell, 64 bad input, 68 name not resolved, \
      71 the system refused, 74 output failed, 77 CAP_NET_RAW is missing for --mode syn, 130/143 interrupted.
      """
  )

  @Argument(help: ArgumentHelp("HOST:PORT, [V6]:PORT, or HOST with --port.", valueName: "target"))
  var target: String

  @Option(help: ArgumentHelp("The state without the fault: a result saved by ping -o json.", valueName: "file"))
  var baseline: String

  @Option(help: ArgumentHelp("Probes that are sent. (default: \(IdentifyPlan.usualMostProbes))", valueName: "n"))
  var maxProbes: Int?

  @Option(
    help: ArgumentHelp("How long it takes at most. (default: 60s)", valueName: "duration"),
    transform: Arguments.duration)
  var maxTime: Duration?

  @Option(
    name: [.customShort("i", allowingJoined: true), .long], parsing: .unconditional,
    help: ArgumentHelp("Time between the starts of two probes. (default: 10ms)", valueName: "duration"),
    transform: Arguments.duration)
  var interval: Duration?

  @Option(
    name: [.customShort("W", allowingJoined: true), .long], parsing: .unconditional,
    help: ArgumentHelp("How long an answer counts. (default: 2s)", valueName: "duration"),
    transform: Arguments.duration)
  var timeout: Duration?

  @OptionGroup
  var sending: SendingOptions

  @Option(
    name: [.customShort("o", allowingJoined: true), .long],
    help: ArgumentHelp("Form of the result.", valueName: "format"))
  var output: VerifyFormat = .text

  @Option(help: ArgumentHelp("Field for '--output value', as lines.0.line.", valueName: "path"))
  var field: String?

  @Flag(name: .shortAndLong, help: "Print the lines only.")
  var quiet = false

  func run() throws {
    try IdentifyRun(self).run()
  }
}

/// One run of `identify`.
struct IdentifyRun {
  private let command: IdentifyCommand
  private let targets: [Target]
  private let configuration: ProberConfiguration
  private let family: IPAddress.Family?
  private let field: FieldPath?

  /// - Throws: `CommandFailure` with status 64 for whatever cannot be meant.
  init(_ command: IdentifyCommand) throws(CommandFailure) {
    self.command = command
    guard (command.output == .value) == (command.field != nil) else {
      throw CommandFailure(.usage, "--output value and --field PATH go together")
    }
    targets = try command.sending.targets([command.target])
    configuration = try command.sending.configuration()
    family = try command.sending.family() ?? configuration.source?.family
    field = try command.field.map { text throws(CommandFailure) in
      do throws(FieldPath.ParseError) {
        return try FieldPath(text, in: IdentifyReport.self, example: "lines.0.line")
      } catch {
        throw CommandFailure(.usage, "--field \(error)")
      }
    }
  }

  /// - Throws: `CommandFailure` with the status of the result, but for one that explains.
  func run() throws(CommandFailure) {
    let output = try asFailure { () throws(SystemError) in try StandardOutput() }
    let resolved = try TargetResolver(family: family, needsAll: true).resolve(targets, signals: output.signals)
    guard let (target, endpoint) = resolved.first else { return }
    try SendingOptions.check(configuration.source, to: [endpoint])
    let plan = try plan(VerifyPlan.Host(input: target.input, endpoint: endpoint))
    var configuration = configuration
    configuration.preferredPorts = plan.baselinePorts
    let (identification, interruption) = try measure(plan, try openProber(configuration, toward: endpoint), output)
    if let failure = identification.failure { throw CommandFailure(failure) }
    let report = identification.report()
    defer { Diagnostics.sayPlainly(report.reason) }
    try print(report, identification.measurement, output)
    let status = interruption.map(ExitStatus.interrupted) ?? ExitStatus(report.verdict)
    if status != .yes { throw CommandFailure(status, "") }
  }

  private func plan(_ host: VerifyPlan.Host) throws(CommandFailure) -> IdentifyPlan {
    var terms = IdentifyTerms()
    terms.mostProbes = command.maxProbes
    terms.longest = command.maxTime
    terms.interval = command.interval
    terms.timeout = command.timeout
    let baseline = try BaselineFile.read(command.baseline, for: host.endpoint)
    do throws(VerifyDraft.Objection) { return try terms.settled(target: host, baseline: baseline) } catch {
      throw VerifyOptions.failure(error)
    }
  }

  private func measure(
    _ plan: IdentifyPlan, _ prober: Prober, _ output: StandardOutput
  ) throws(CommandFailure) -> (Identification, interruption: Int32?) {
    var identification = prober.identification(of: plan)
    let session = try asFailure { () throws(SystemError) in try ProbeSession(prober, [plan.series]) }
    var wait = SessionWait(session, output)
    while session.isRunning {
      let messages = wait.next(until: nil) { Diagnostics.say("so far \(identification.report().reason)") }
      for message in messages {
        identification.add(message.event, at: SystemClock.now())
        if case .started = message.event, command.output == .text, !command.quiet {
          try output.line(SummaryText(identification.measurement).header)
        }
      }
    }
    return (identification, wait.interruption)
  }

  private func print(
    _ report: IdentifyReport, _ measurement: Measurement, _ output: StandardOutput
  ) throws(CommandFailure) {
    switch command.output {
    case .json: try output.line(report.json)
    case .text:
      for line in report.lines { for text in IdentifyText.lines(line) { try output.line(text) } }
      if !command.quiet {
        for line in SummaryText(measurement).lines(heardUntil: SystemClock.now()) { try output.line(line) }
      }
    case .value:
      guard let field else { return }
      guard let value = field.value(in: report) else {
        return Diagnostics.say("\(field) is absent from the result of \(report.target.input)")
      }
      try output.line(value)
    }
  }
}

/// A line of netem for people, with the intervals of its numbers below it.
enum IdentifyText {
  static func lines(_ line: IdentifyReport.Line) -> [String] {
    let ways = ["forward": "network, on the way to the target", "back": "network, on the way back"]
    let place = line.side.map { "   (\(ways[$0] ?? $0))" } ?? ""
    return ["netem       \(line.line)\(place)"]
      + line.parameters.map { parameter in
        let name = parameter.name.replacing("_", with: " ")
        return "  " + name + String(repeating: " ", count: max(10 - name.count, 1)) + values(parameter)
      }
  }

  private static func values(_ parameter: IdentifyReport.Parameter) -> String {
    if let value = parameter.estimateMs {
      return text(value, parameter.intervalMs, " ms") { Duration(milliseconds: $0).millisecondsText }
    }
    if let value = parameter.estimateRatio { return text(value, parameter.intervalRatio, "") { percent($0) } }
    if let value = parameter.estimateBps { return text(value, parameter.intervalBps, "") { BitRate($0).text } }
    return ""
  }

  private static func text(
    _ value: Double, _ interval: ClosedRange<Double>?, _ unit: String, _ words: (Double) -> String
  ) -> String {
    let range = interval.map { " (\(words($0.lowerBound))..\(words($0.upperBound))\(unit))" } ?? ""
    return words(value) + unit + range
  }

  private static func percent(_ share: Double) -> String {
    let hundredths = Int((share * 10_000).rounded())
    let rest = hundredths % 100
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)%"
  }
}

extension ExitStatus {
  /// What the result means to a script.
  init(_ verdict: IdentifyReport.Verdict) {
    self =
      switch verdict {
      case .explained: .yes
      case .unexplained: .no
      case .inconclusive: .inconclusive
      }
  }
}
