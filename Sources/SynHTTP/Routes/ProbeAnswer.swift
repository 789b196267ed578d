internal import SynCore
internal import SynEdge
internal import SynProbe
internal import SynWire

/// What `/probe` found, as metrics: the names of blackbox_exporter where it has them.
struct ProbeAnswer {
  let target: Target
  let moduleName: String
  let module: SeriesParameters
  var series = SeriesParameters()
  var resolving = Duration.zero
  var duration = Duration.zero
  var outcome: SeriesRun.Outcome?
  /// Why there was no measurement.
  var failure: String?

  init(target: Target, moduleName: String, module: SeriesParameters) {
    self.target = target
    self.moduleName = moduleName
    self.module = module
  }

  private var isSuccess: Bool { (outcome?.measurement.statistics.count(.open) ?? 0) > 0 }

  /// The families; what was not measured is absent.
  var families: [MetricFamily] {
    let general =
      [
        MetricFamily(
          "probe_dns_lookup_time_seconds", .gauge, "How long the name of the target took; 0 for an address.",
          value: resolving.seconds)
      ] + MeasurementFamilies.ofRun(duration, isSuccess: isSuccess)
    guard let outcome else { return general }
    let measured = MeasurementFamilies(
      measurement: outcome.measurement, heardUntil: outcome.ended, resolving: resolving
    ).all
    return (general + measured).sorted { $0.name < $1.name }
  }

  // MARK: For people

  /// The three parts of `debug=true`.
  var debugText: String {
    """
    Logs for the probe:
    \(logLines.joined(separator: "\n"))



    Metrics that would have been returned:
    \(Exposition.text.write(families))


    Module configuration:
    mode: \(module.mode?.rawValue ?? "auto")
    count: \(module.count)
    interval: \(module.interval.compactText)
    timeout: \(module.timeout.compactText)
    direction: \(module.tellsDirection)

    """
  }

  private var logLines: [String] {
    var lines = ["module=\(moduleName) target=\(target.input) probe begins"]
    if let failure { lines.append(failure) }
    if let measurement = outcome?.measurement {
      let path = measurement.path.map { " from \($0.source) via \($0.interface)" } ?? ""
      lines.append(
        "\(measurement.mode.rawValue) to \(measurement.target)\(path): \(series.count) probes every"
          + " \(series.interval.text), timeout \(series.timeout.text)")
      lines += measurement.probes.prefix(100).map { line($0, measurement) }
    }
    lines.append("duration_seconds=\(duration.seconds) probe \(isSuccess ? "succeeded" : "failed")")
    return lines
  }

  private func line(_ result: ProbeResult, _ measurement: Measurement) -> String {
    let start = "seq=\(result.request.sequence) \(result.outcome.kind.rawValue)"
    let words = result.explanation(interface: measurement.path?.interface)
    let roundTrip = result.observation.roundTrip.map { " rtt=\(Double($0.nanoseconds) / 1e6) ms" } ?? ""
    return start + roundTrip + (words.map { ": \($0)" } ?? "")
  }
}
