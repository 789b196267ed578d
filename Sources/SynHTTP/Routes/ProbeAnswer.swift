internal import SynCore
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
    let general = [
      MetricFamily(
        "probe_dns_lookup_time_seconds", .gauge, "How long the name of the target took; 0 for an address.",
        value: resolving.seconds),
      MetricFamily(
        "probe_duration_seconds", .gauge, "How long the whole probe took.", value: duration.seconds),
      MetricFamily(
        "probe_success", .gauge, "Whether at least one SYN was answered by a SYN-ACK.", value: isSuccess ? 1 : 0),
    ]
    guard let measurement = outcome?.measurement else { return general }
    return (general + measured(measurement)).sorted { $0.name < $1.name }
  }

  private func measured(_ measurement: Measurement) -> [MetricFamily] {
    let statistics = measurement.statistics
    var families = [
      MetricFamily(
        "probe_ip_protocol", .gauge, "The version of IP.", value: measurement.target.address.family == .v4 ? 4 : 6),
      phases(statistics), outcomes(statistics), histogram(measurement.probes),
    ]
    if let ratio = statistics.loss.ratio {
      families.append(MetricFamily("probe_tcp_loss_ratio", .gauge, "Probes lost, of those sent; 0 to 1.", value: ratio))
    }
    if let hopLimit = measurement.probes.last(where: { $0.reply != nil })?.reply?.hopLimit {
      families.append(
        MetricFamily(
          "probe_tcp_reply_hop_limit", .gauge, "Time to live, or hop limit, of the last reply.", value: Int(hopLimit)))
    }
    families.append(segments(statistics))
    return families
  }

  private func phases(_ statistics: SeriesStatistics) -> MetricFamily {
    var family = MetricFamily("probe_tcp_duration_seconds", .gauge, "Time of each phase; rtt is the median.")
    family.add(resolving.seconds, ("phase", "resolve"))
    if let median = statistics.roundTrip.quantile(0.5) { family.add(median.seconds, ("phase", "rtt")) }
    return family
  }

  private func outcomes(_ statistics: SeriesStatistics) -> MetricFamily {
    var family = MetricFamily("probe_tcp_probes", .gauge, "Probes of this scrape by outcome.")
    for kind in ProbeOutcome.Kind.allCases { family.add(statistics.count(kind), ("outcome", kind.rawValue)) }
    return family
  }

  private func histogram(_ probes: [ProbeResult]) -> MetricFamily {
    var histogram = LatencyHistogram()
    for probe in probes where probe.outcome.isAnswer {
      if let roundTrip = probe.observation.roundTrip { histogram.add(roundTrip) }
    }
    return EngineMetrics.roundTrips(histogram, "probe_tcp_rtt_seconds", "Round trips of the answers of this scrape.")
  }

  private func segments(_ statistics: SeriesStatistics) -> MetricFamily {
    var family = MetricFamily("probe_tcp_segment_seconds", .gauge, "Where the time went: the median of each segment.")
    let segments = [("egress", statistics.egress), ("network", statistics.network), ("ingress", statistics.ingress)]
    for (name, distribution) in segments {
      if let median = distribution.quantile(0.5) { family.add(median.seconds, ("segment", name)) }
    }
    return family
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
    mode: \(module.mode.rawValue)
    count: \(module.count)
    interval: \(setting(module.interval))
    timeout: \(setting(module.timeout))

    """
  }

  /// As the configuration file has it.
  private func setting(_ duration: Duration) -> String { duration.text.filter { $0 != " " } }

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
