internal import Glibc
internal import SynCore
internal import SynPeers
internal import SynProbe
internal import SynSystem
internal import SynWire

/// One run of the hping3 drop-in.
struct HpingRun {
  private let plan: HpingPlan

  init(_ plan: HpingPlan) {
    self.plan = plan
  }

  /// - Throws: `CommandFailure` with the exit status of hping3, unless that is 0.
  func run() throws(CommandFailure) {
    Process.raiseDescriptorLimit()
    // hping3 answers them even where its parent ignores them, as a shell does for what it starts in the background.
    for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
    let output = try asFailure { () throws(SystemError) in try StandardOutput() }
    let resolved = try TargetResolver(family: .v4).resolve([plan.target], signals: output.signals)
    guard let target = resolved.first?.endpoint else { return }
    let prober = try openProber(plan.configuration, toward: target)
    let session = try asFailure { () throws(SystemError) in try ProbeSession(prober) }
    var sender = HpingSender(plan, target, session)
    var printer = HpingPrinter(plan, output, target: target)
    let isCut: Bool
    do throws(CommandFailure) { isCut = try measure(session, &sender, &printer, output) } catch
      where error.isInterruption
    {
      isCut = true  // While a reader of stdout was waited for, who does not read.
    }
    printer.summarize()
    if !isCut, let count = plan.count {
      Diagnostics.sayShortfall(printer.tally.transmitted, of: count, remedy: "a longer -i lets all of them leave")
    }
    let status = printer.tally.exitStatus(isFlags: plan.exitsWithFlags)
    if status != 0 { throw CommandFailure(ExitStatus(rawValue: status), "") }
  }

  /// Prints until all probes have ended; true when a signal ended them, or a traceroute its answer.
  private func measure(
    _ session: ProbeSession, _ sender: inout HpingSender, _ printer: inout HpingPrinter, _ output: StandardOutput
  ) throws(CommandFailure) -> Bool {
    var wait = SessionWait(session, output)
    while sender.isRunning {
      sender.send(at: SystemClock.now())
      for event in wait.next(until: sender.due, interim: { printer.summarize() }) {
        let message = sender.message(event)
        if case .started(let path) = message.event, !printer.isStarted {
          guard let path else { throw CommandFailure(.no, "no route to \(plan.target.input): nothing was sent") }
          try printer.start(path)
        }
        try show(message, &sender, &printer)
      }
      if wait.interruption != nil { sender.cancel() }
    }
    return plan.firstHop != nil || wait.interruption != nil
  }

  private func show(
    _ message: HpingSender.Message, _ sender: inout HpingSender, _ printer: inout HpingPrinter
  ) throws(CommandFailure) {
    switch message.event {
    case .probe(let result):
      let hop = sender.ended(result, hopLimit: message.hopLimit)
      try printer.ended(result, number: message.number(result.request.sequence), hop: hop)
    case .report(let report): try printer.report(report, number: report.sequence.map(message.number))
    case .failed(let error): throw CommandFailure(error)
    case .started, .path, .witness, .sibling, .train, .noTrains, .packet, .dropped, .ended: break
    }
  }

}
