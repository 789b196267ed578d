internal import Glibc
internal import SynCore
internal import SynProbe
internal import SynSystem
internal import SynWire

/// One run of `ping`: starts a series for each target and prints what happens, until all have ended.
struct PingRun {
  private let plan: PingPlan

  init(_ plan: PingPlan) {
    self.plan = plan
  }

  /// - Throws: `CommandFailure` for whatever ends it without a summary; `ExitCode`-like statuses are exits.
  func run() throws(CommandFailure) {
    Process.raiseDescriptorLimit()
    let output = try asFailure { () throws(SystemError) in
      try StandardOutput(answersStop: plan.isLive && DrawnLines.isPossible)
    }
    let listener = try openListenerIfNeeded()
    let endpoint =
      switch listener {
      case .some(let open): open.endpoint;
      case .none: Endpoint?.none
      }
    let targets = try resolveTargets(endpoint, output.signals)
    try SendingOptions.check(plan.configuration.source, to: targets.map(\.endpoint))
    let prober = try openProber(plan.configuration, toward: targets.first?.endpoint)
    let status = try measure(targets, prober, output)
    _ = consume listener  // It listens until the last probe has ended.
    if status != .yes { throw CommandFailure(status, "") }
  }

  private func openListenerIfNeeded() throws(CommandFailure) -> LoopbackListener? {
    guard plan.targets.isEmpty else { return nil }
    let family = plan.family ?? .v4
    let listener = try asFailure { () throws(SystemError) in try LoopbackListener(family) }
    Diagnostics.say("no target given: probing \(listener.endpoint), a listener opened here on loopback for this run")
    return listener
  }

  private func resolveTargets(
    _ listener: Endpoint?, _ signals: borrowing TerminationSignals
  ) throws(CommandFailure) -> [(target: Target, endpoint: Endpoint)] {
    guard let listener else { return try TargetResolver(family: plan.family).resolve(plan.targets, signals: signals) }
    let target = Target(input: "\(listener)", host: .address(listener.address), port: listener.port)
    return [(target, listener)]
  }

  /// Values that are kept exactly of each target: a run keeps no more of many targets than of one, and a picture that is
  /// drawn ten times a second sorts few.
  private func exactLimit(_ targets: Int, isDrawn: Bool) -> Int {
    min(LatencyDistribution.usualExactLimit / max(targets, 1), isDrawn ? 1_024 : .max)
  }

  private func measure(
    _ targets: [(target: Target, endpoint: Endpoint)], _ prober: Prober, _ output: StandardOutput
  ) throws(CommandFailure) -> ExitStatus {
    // A name without an address leaves a list a list.
    let names = plan.targets.count > targets.count ? plan.targets.map(\.input) : targets.map(\.target.input)
    let objection = liveObjection(plan, output)
    if let objection { Diagnostics.say(objection) }
    let moment = SystemClock.moment()
    var board = MeasurementBoard(
      targets.map {
        Measurement(
          input: $0.target.input, target: $0.endpoint, mode: prober.mode, startedAt: moment.realtime,
          began: moment.monotonic, requested: plan.count,
          keepsProbes: plan.output == .json || plan.output == .value, tellsDirection: plan.tellsDirection,
          exactLimit: exactLimit(targets.count, isDrawn: plan.isLive && objection == nil))
      },
      printer: makePrinter(plan, output, names))
    let plans = targets.map { target in
      var series = SeriesPlan(
        target: target.endpoint, count: plan.count, interval: plan.interval, timeout: plan.timeout)
      series.listening = plan.tellsDirection ? .forDirection : nil
      if plan.explains {
        series.siblings = SeriesPlan.siblings(of: target.endpoint.port, chosen: plan.sibling)
      }
      return series
    }
    let session = try asFailure { () throws(SystemError) in try ProbeSession(prober, plans) }
    var wait = SessionWait(session, output)
    Process.hold(stops: plan.isLive && objection == nil)
    defer { Process.hold(stops: false) }
    while session.isRunning {
      for message in wait.next(until: board.nextRedraw, interim: { board.sayInterim(at: SystemClock.now()) }) {
        try board.add(message.event, to: message.index, at: SystemClock.now())
      }
      if wait.takeStop() {
        try board.suspend()
        Process.stop()
      }
      try board.redraw(at: SystemClock.now())
    }
    let interruption = wait.interruption
    do throws(CommandFailure) { try board.finish() } catch  where interruption == nil { throw error } catch {}
    if let failure = board.failure { throw CommandFailure(failure) }
    board.sayDrops()
    if let interruption { return .interrupted(by: interruption) }
    board.sayShortfall(of: plan.count)
    return board.anyOpen ? .yes : .no
  }
}

/// Opens a prober, gives up on this thread what only that needs, and says where it measures less than it could.
func openProber(_ configuration: ProberConfiguration, toward first: Endpoint?) throws(CommandFailure) -> Prober {
  var configuration = configuration
  configuration.endsWithProcess = true
  let prober: Prober
  do throws(ProberError) { prober = try Prober(configuration, toward: first) } catch { throw CommandFailure(error) }
  Privilege.confine(to: [])
  if let reason = prober.fallbackReason {
    Diagnostics.say("probing by connect(), which cannot tell where a delay or a loss is: \(reason)")
  }
  if let absence = prober.whyAbsence { Diagnostics.say("--why is left out: \(absence)") }
  return prober
}

/// Turns what the operating system refused into the end of the command.
func asFailure<Value: ~Copyable>(_ body: () throws(SystemError) -> Value) throws(CommandFailure) -> Value {
  do throws(SystemError) { return try body() } catch { throw CommandFailure(.systemRefused, "\(error)") }
}
