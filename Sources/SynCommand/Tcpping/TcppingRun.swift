internal import SynCore
internal import SynIO
internal import SynPeers
internal import SynProbe
internal import SynWire

/// One run of `tcpping`: probes a target, then prints its line.
struct TcppingRun {
  let target: Target
  let count: Int
  let interval: Duration
  let timeout: Duration

  /// - Throws: `CommandFailure` when there is no line to print.
  func run() throws(CommandFailure) {
    let output = try asFailure { () throws(SynIOError) in try StandardOutput() }
    let resolved = try TargetResolver(family: nil).resolve([target], signals: output.signals)
    guard let endpoint = resolved.first?.endpoint else { return }
    let prober = try openProber(ProberConfiguration())
    var line = FpingLine(host: target.input)
    let results = try probe(endpoint, prober, output)
    for result in results { line.add(result) }
    try output.line(line.text)
    Diagnostics.sayShortfall(results.count, of: count, remedy: "a longer -r lets all of them leave")
  }

  private func probe(
    _ endpoint: Endpoint, _ prober: Prober, _ output: StandardOutput
  ) throws(CommandFailure) -> [ProbeResult] {
    let mailbox = try asFailure { () throws(SynIOError) in try Mailbox<ProbeEvent>() }
    let plan = SeriesPlan(target: endpoint, count: count, interval: interval, timeout: timeout)
    let series = prober.start(plan) { mailbox.put($0) }
    defer { prober.cancel(series) }
    var results: [ProbeResult] = []
    while true {
      Waiting.wait(for: [output.signals.rawValue, mailbox.descriptor], until: nil)
      for event in mailbox.takeAll() {
        switch event {
        case .probe(let result): results.append(result)
        case .failed(let error): throw CommandFailure(error)
        case .ended: return results
        case .started, .path, .report: break
        }
      }
      if case .end(let signal) = output.nextRequest() { throw CommandFailure(.interrupted(by: signal), "") }
    }
  }
}
