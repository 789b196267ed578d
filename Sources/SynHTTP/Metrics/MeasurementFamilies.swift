internal import SynCore
internal import SynEdge
package import SynProbe
internal import SynVerdict
internal import SynWire

/// What was measured of a target, as metrics: the names of blackbox_exporter where it has them.
struct MeasurementFamilies {
  let measurement: Measurement
  /// Until when was listened for what tells the way of a loss.
  let heardUntil: MonotonicInstant
  /// How long the name of the target took to resolve; zero for an address.
  let resolving: Duration

  private var statistics: SeriesStatistics { measurement.statistics }

  /// The families; what was not measured is absent.
  var all: [MetricFamily] {
    var families = [
      MetricFamily(
        "probe_ip_protocol", .gauge, "The version of IP.", value: measurement.target.address.family == .v4 ? 4 : 6),
      phases, outcomes, losses,
      EngineMetrics.roundTrips(statistics.roundTrips, "probe_tcp_rtt_seconds", "Round trips of the target's answers."),
    ]
    if let ratio = statistics.loss.ratio {
      families.append(
        MetricFamily("probe_tcp_loss_ratio", .gauge, "Probes lost, of those waited for; 0 to 1.", value: ratio))
    }
    if let hopLimit = statistics.lastHopLimit {
      families.append(
        MetricFamily(
          "probe_tcp_reply_hop_limit", .gauge, "Time to live, or hop limit, of the last reply.", value: Int(hopLimit)))
    }
    families.append(segments)
    return families
  }

  /// How long a probe took, and whether it succeeded: known where nothing was measured, too.
  static func ofRun(_ duration: Duration, isSuccess: Bool) -> [MetricFamily] {
    [
      MetricFamily("probe_duration_seconds", .gauge, "How long the whole probe took.", value: duration.seconds),
      MetricFamily(
        "probe_success", .gauge, "Whether at least one SYN was answered by a SYN-ACK.", value: isSuccess ? 1 : 0),
    ]
  }

  private var phases: MetricFamily {
    var family = MetricFamily("probe_tcp_duration_seconds", .gauge, "Time of each phase; rtt is the median.")
    family.add(resolving.seconds, ("phase", "resolve"))
    if let median = statistics.roundTrip.quantile(0.5) { family.add(median.seconds, ("phase", "rtt")) }
    return family
  }

  private var outcomes: MetricFamily {
    var family = MetricFamily("probe_tcp_probes", .gauge, "Probes by outcome.")
    for kind in ProbeOutcome.Kind.allCases { family.add(statistics.count(kind), ("outcome", kind.rawValue)) }
    return family
  }

  private var losses: MetricFamily {
    var family = MetricFamily(
      "probe_tcp_losses", .gauge,
      "Lost probes by place; those in the network are forward or back where their way was asked for and is known.")
    let (forward, back) = measurement.direction(at: heardUntil).map { ($0.forward, $0.back) } ?? (0, 0)
    let network = (statistics.losses[.network] ?? 0) - forward - back
    let places = [
      ("egress", statistics.losses[.egress] ?? 0), ("forward", forward), ("network", network), ("back", back),
    ]
    let others = [("ingress", statistics.losses[.ingress] ?? 0), ("unknown", statistics.losses[.unknown] ?? 0)]
    for (name, count) in places + others { family.add(count, ("where", name)) }
    return family
  }

  private var segments: MetricFamily {
    var family = MetricFamily("probe_tcp_segment_seconds", .gauge, "Where the time went: the median of each segment.")
    let segments = [("egress", statistics.egress), ("network", statistics.network), ("ingress", statistics.ingress)]
    for (name, distribution) in segments {
      if let median = distribution.quantile(0.5) { family.add(median.seconds, ("segment", name)) }
    }
    return family
  }
}

/// Measurements as a text file of Prometheus' node_exporter: the families of `/probe`, with the target as a label.
package enum PrometheusText {
  /// The text of all targets, of each measurement with the time that it took; of a target given twice, the first.
  package static func text(of measured: [(measurement: Measurement, duration: Duration)]) -> String {
    var merged: [MetricFamily] = []
    var written: Set<String> = []
    for (measurement, duration) in measured where written.insert(measurement.input).inserted {
      let run = MeasurementFamilies.ofRun(duration, isSuccess: measurement.statistics.count(.open) > 0)
      let measured = MeasurementFamilies(
        measurement: measurement, heardUntil: measurement.began.advanced(by: duration), resolving: .zero)
      for family in run + measured.all {
        let labelled = family.labelled("target", measurement.input)
        if let index = merged.firstIndex(where: { $0.name == family.name }) {
          merged[index].samples += labelled.samples
        } else {
          merged.append(labelled)
        }
      }
    }
    return Exposition.text.write(merged.sorted { $0.name < $1.name })
  }
}

extension MetricFamily {
  /// The same with a label more, before the others.
  fileprivate func labelled(_ name: String, _ value: String) -> MetricFamily {
    var family = self
    family.samples = samples.map { sample in
      var sample = sample
      sample.labels.insert((name, value), at: 0)
      return sample
    }
    return family
  }
}
