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
    let output = try asFailure { () throws(SystemError) in
      try StandardOutput(answersStop: options.form.isLive && DrawnLines.isPossible)
    }
    let resolved = try TargetResolver(family: options.family, needsAll: true).resolve(
      options.targets, signals: output.signals)
    try SendingOptions.check(options.configuration.source, to: resolved.map(\.endpoint))
    let plan = try options.plan(
      resolved.map { VerifyPlan.Host(input: $0.target.input, endpoint: $0.endpoint) })
    for words in plan.unconfirmable { Diagnostics.say("\(words): it can be refuted only") }
    var configuration = options.configuration
    configuration.preferredPorts = plan.baselinePorts
    let prober = try openProber(configuration, toward: plan.target.endpoint)
    let evidence = try options.evidenceFile.map { path throws(CommandFailure) in try EvidenceOutput(path) }
    let (verification, log, interruption) = try measure(plan, prober, output)
    if let failure = verification.failure { throw CommandFailure(failure) }
    let report = verification.report()
    let isKept = evidence?.write(log, report, of: verification) ?? true
    try options.form.print(report, of: verification, output)
    if !isKept { throw CommandFailure(.outputFailed, "") }
    let status = interruption.map(ExitStatus.interrupted) ?? ExitStatus(verification.verdict)
    if status != .yes { throw CommandFailure(status, "") }
  }

  private func measure(
    _ plan: VerifyPlan, _ prober: Prober, _ output: StandardOutput
  ) throws(CommandFailure) -> (Verification, EvidenceLog, interruption: Int32?) {
    var verification = prober.verification(of: plan)
    var log = EvidenceLog(verification)
    let session = try asFailure { () throws(SystemError) in try ProbeSession(prober, plan.allSeries) }
    var wait = SessionWait(session, output)
    let objection = options.form.liveObjection(output)
    if let objection { Diagnostics.say(objection) }
    var drawing = options.form.isLive && objection == nil ? VerifyDrawing(output) : nil
    var progress = VerifyProgress(isShown: options.form.isTalkative && output.isTerminal && drawing == nil)
    defer { progress.clear() }
    Process.hold(stops: drawing != nil)
    defer { Process.hold(stops: false) }
    while verification.isRunning {
      let messages = wait.next(until: drawing?.nextRedraw ?? progress.nextRedraw) {
        do throws(CommandFailure) { try drawing?.clear() } catch {}
        Diagnostics.say("so far \(verification.report().reason)")
      }
      progress.redraw(verification, at: SystemClock.now())
      for message in messages {
        let side = VerifyPlan.Side.allCases[message.index]
        let now = SystemClock.now()
        if options.evidenceFile != nil { log.add(message.event, of: side, at: now) }
        verification.add(message.event, of: side, at: now)
        drawing?.add(message.event, of: side)
        if case .started = message.event, options.form.isTalkative {
          progress.clear()
          try drawing?.clear()
          try output.line(VerifyForm.header(verification, side))
        }
      }
      if wait.takeStop() {
        try drawing?.clear()
        Process.stop()
      }
      try drawing?.redraw(verification, at: SystemClock.now())
      if verification.isSettled { session.cancel() }
    }
    try drawing?.clear()
    return (verification, log, wait.interruption)
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
