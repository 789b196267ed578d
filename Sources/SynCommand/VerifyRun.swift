internal import Glibc
internal import SynCore
internal import SynProbe
internal import SynSystem
internal import SynVerdict
internal import SynVerify
internal import SynWire

/// One run of `verify`: probes until the claims are decided, then prints what became of them.
struct VerifyRun {
  private let options: VerifyOptions

  init(_ options: VerifyOptions) {
    self.options = options
  }

  /// - Throws: `CommandFailure` with the status of the verdict, but for a confirmation.
  func run() throws(CommandFailure) {
    Process.raiseDescriptorLimit()
    let output = try asFailure { () throws(SystemError) in try StandardOutput() }
    let resolved = try TargetResolver(family: options.family, needsAll: true).resolve(
      options.targets, signals: output.signals)
    try SendingOptions.check(options.configuration.source, to: resolved.map(\.endpoint))
    let plan = try options.plan(
      resolved.map { VerifyPlan.Host(input: $0.target.input, endpoint: $0.endpoint) })
    for words in plan.unconfirmable { Diagnostics.say("\(words): it can be refuted only") }
    var configuration = options.configuration
    configuration.preferredPorts = plan.baselinePorts
    let prober = try openProber(configuration)
    let (verification, interruption) = try measure(plan, prober, output)
    if let failure = verification.failure { throw CommandFailure(failure) }
    try print(verification, output)
    let status = interruption.map(ExitStatus.interrupted) ?? ExitStatus(verification.verdict)
    if status != .yes { throw CommandFailure(status, "") }
  }

  private func measure(
    _ plan: VerifyPlan, _ prober: Prober, _ output: StandardOutput
  ) throws(CommandFailure) -> (Verification, interruption: Int32?) {
    var verification = prober.verification(of: plan)
    let session = try asFailure { () throws(SystemError) in try ProbeSession(prober, plan.allSeries) }
    var wait = SessionWait(session, output)
    let isTalkative = options.output == .text && !options.isQuiet
    var progress = VerifyProgress(isShown: isTalkative && output.isTerminal)
    defer { progress.clear() }
    while verification.isRunning {
      let messages = wait.next(until: progress.nextRedraw) {
        Diagnostics.say("so far \(verification.report().reason)")
      }
      progress.redraw(verification, at: SystemClock.now())
      for message in messages {
        let side = VerifyPlan.Side.allCases[message.index]
        verification.add(message.event, of: side, at: SystemClock.now())
        if case .started = message.event, isTalkative {
          progress.clear()
          try output.line(header(verification, side))
        }
      }
      if verification.isSettled { session.cancel() }
    }
    return (verification, wait.interruption)
  }

  private func header(_ verification: Verification, _ side: VerifyPlan.Side) -> String {
    switch side {
    case .target: SummaryText(verification.target).header
    case .control: "control: " + (verification.control.map { SummaryText($0).header } ?? "")
    }
  }

  /// The result on stdout, and at last the verdict in one sentence on stderr.
  private func print(_ verification: Verification, _ output: StandardOutput) throws(CommandFailure) {
    let report = verification.report()
    defer { Diagnostics.sayPlainly(report.reason) }
    switch options.output {
    case .json: try output.line(report.json)
    case .text:
      let style = TextStyle(isOn: options.usesColor && output.isTerminal)
      let text = VerdictText(verification, report, style: style, columns: output.isTerminal ? output.columns : 80)
      for line in options.isQuiet ? text.claims : text.lines { try output.line(line) }
    case .value: try printValue(report, output)
    }
  }

  private func printValue(_ report: VerifyReport, _ output: StandardOutput) throws(CommandFailure) {
    guard let field = options.field else { return }
    guard let value = field.value(in: report) else {
      return Diagnostics.say("\(field) is absent from the result of \(report.target.input)")
    }
    try output.line(value)
  }
}

extension ExitStatus {
  /// What a verdict means to a script.
  init(_ verdict: Verdict) {
    self =
      switch verdict {
      case .confirmed: .yes
      case .mismatch: .no
      case .inconclusive: .inconclusive
      }
  }
}
