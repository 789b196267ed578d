internal import SynCore
internal import SynProbe
internal import SynSystem
internal import SynWire

/// One run of `trace`.
struct TraceRun {
  private let command: TraceCommand
  private let targets: [Target]
  private let configuration: ProberConfiguration
  private let family: IPAddress.Family?
  private let plan: TracePlan

  /// - Throws: `CommandFailure` with status 64 for whatever cannot be meant.
  init(_ command: TraceCommand) throws(CommandFailure) {
    self.command = command
    guard (1...TracePlan.mostQueries).contains(command.queries) else {
      throw CommandFailure(.usage, "--queries \(command.queries) is out of range: 1 to 100")
    }
    guard let hops = UInt8(exactly: command.maxHops), hops > 0 else {
      throw CommandFailure(.usage, "--max-hops \(command.maxHops) is out of range: 1 to 255")
    }
    guard (1...TracePlan.mostPaths).contains(command.paths) else {
      throw CommandFailure(.usage, "--paths \(command.paths) is out of range: 1 to 16")
    }
    guard command.timeout >= .milliseconds(1), command.timeout <= .seconds(60) else {
      throw CommandFailure(.usage, "--timeout is out of range: 1ms to 60s")
    }
    guard !command.live || command.output == .text else {
      throw CommandFailure(.usage, "--live draws on a terminal: it goes with --output text only")
    }
    plan = TracePlan(paths: command.paths, probes: command.queries, mostHops: hops)
    targets = try command.way.targets(command.target)
    guard targets.count == 1 else {
      throw CommandFailure(
        .usage, "a trace goes to one target" + (command.target.count == 1 ? " and one port: -p has several" : ""))
    }
    var configuration = try command.way.configuration()
    guard configuration.sourcePort == nil || command.paths == 1 else {
      throw CommandFailure(.usage, "--source-port is one path: leave --paths out")
    }
    // By connect() the kernel tells of no router.
    configuration.mode = .syn
    self.configuration = configuration
    family = try command.way.family() ?? configuration.source?.family
  }

  /// - Throws: `CommandFailure` with status 1 where the target did not answer.
  func run() throws(CommandFailure) {
    let output = try asFailure { () throws(SystemError) in
      try StandardOutput(answersStop: command.live && DrawnLines.isPossible)
    }
    let resolved = try TargetResolver(family: family, needsAll: true).resolve(targets, signals: output.signals)
    guard let (target, endpoint) = resolved.first else { return }
    try SendingOptions.check(configuration.source, to: [endpoint])
    let prober = try openProber(configuration, toward: endpoint)
    var (measurement, interruption) = try measure(target.input, endpoint, prober, output)
    let ended = SystemClock.now()
    let names = command.names && interruption == nil ? lookUp(measurement.answerers, output) : [:]
    if interruption == nil, case .end(let signal) = output.nextRequest() { interruption = signal }
    let report = measurement.report(ended: ended, names: names)
    switch command.output {
    case .json: try output.line(report.json)
    case .text: for line in TraceText(report, mostHops: command.maxHops).lines { try output.line(line) }
    case .csv: for line in TraceText.rows(report) { try output.line(line) }
    }
    for sentence in report.ownFaults ?? [] { Diagnostics.say(sentence) }
    if interruption != nil, measurement.waitedFor > 0 {
      Diagnostics.say("\(measurement.waitedFor) SYNs were still waited for")
    }
    let status = interruption.map(ExitStatus.interrupted) ?? (report.reached ? .yes : .no)
    if status != .yes { throw CommandFailure(status, "") }
  }

  private func measure(
    _ input: String, _ endpoint: Endpoint, _ prober: Prober, _ output: StandardOutput
  ) throws(CommandFailure) -> (TraceMeasurement, interruption: Int32?) {
    let series = TraceMeasurement.series(to: endpoint, plan, timeout: command.timeout)
    var measurement = TraceMeasurement(input: input, target: endpoint, plan)
    let session = try asFailure { () throws(SystemError) in try ProbeSession(prober, [series]) }
    var wait = SessionWait(session, output)
    var drawing = drawing(output)
    Process.hold(stops: drawing != nil)
    defer { Process.hold(stops: false) }
    while session.isRunning {
      for message in wait.next(until: measurement.isStarted ? drawing?.nextRedraw : nil, interim: {}) {
        measurement.add(message.event)
      }
      let now = SystemClock.now()
      if wait.takeStop() {
        try drawing?.clear()
        Process.stop()
      }
      guard measurement.isStarted else { continue }
      try drawing?.redraw(at: now) { _, _ in
        TraceText(measurement.report(ended: now), mostHops: command.maxHops).lines.map { StyledText($0) }
      }
    }
    try drawing?.clear()
    if let failure = measurement.failure { throw CommandFailure(failure) }
    return (measurement, wait.interruption)
  }

  /// Where the table grows in place; nil where that is not asked for, or cannot be.
  private func drawing(_ output: StandardOutput) -> DrawnLines? {
    guard command.live else { return nil }
    guard let objection = DrawnLines.objection(output, instead: "the table follows") else { return DrawnLines(output) }
    Diagnostics.say(objection)
    return nil
  }

  private func lookUp(_ addresses: [IPAddress], _ output: StandardOutput) -> [IPAddress: String] {
    var known = HostNames()
    var names: [IPAddress: String] = [:]
    for address in addresses { names[address] = known.name(of: address, interruption: output.signals.rawValue) }
    return names
  }
}
