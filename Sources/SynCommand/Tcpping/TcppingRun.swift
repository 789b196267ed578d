internal import SynCore
internal import SynPeers
internal import SynProbe
internal import SynSystem
internal import SynWire

/// One run of `tcpping`: probes a target, then prints its line.
struct TcppingRun {
  let target: Target
  let count: Int
  let interval: Duration
  let timeout: Duration

  /// - Throws: `CommandFailure` when there is no line to print.
  func run() throws(CommandFailure) {
    let output = try asFailure { () throws(SystemError) in try StandardOutput() }
    let resolved = try TargetResolver(family: nil).resolve([target], signals: output.signals)
    guard let endpoint = resolved.first?.endpoint else { return }
    let prober = try openProber(ProberConfiguration(), toward: endpoint)
    var line = FpingLine(host: target.input)
    let results = try probe(endpoint, prober, output)
    for result in results { line.add(result) }
    try output.line(line.text)
    Diagnostics.sayShortfall(results.count, of: count, remedy: "a longer -r lets all of them leave")
  }

  private func probe(
    _ endpoint: Endpoint, _ prober: Prober, _ output: StandardOutput
  ) throws(CommandFailure) -> [ProbeResult] {
    let plan = SeriesPlan(target: endpoint, count: count, interval: interval, timeout: timeout, isEven: true)
    let session = try asFailure { () throws(SystemError) in try ProbeSession(prober, [plan]) }
    var wait = SessionWait(session, output)
    var results: [ProbeResult] = []
    while session.isRunning {
      for message in wait.next(until: nil, interim: {}) {
        switch message.event {
        case .probe(let result): results.append(result)
        case .failed(let error): throw CommandFailure(error)
        case .started, .path, .report, .witness, .sibling, .train, .noTrains, .packet, .dropped, .ended: break
        }
      }
      if let signal = wait.interruption { throw CommandFailure(.interrupted(by: signal), "") }
    }
    return results
  }
}
