internal import SynCore
internal import SynEdge
internal import SynWire

/// What the probe loops have counted, as metrics.
enum EngineMetrics {
  /// The families of all loops together.
  static func families(_ snapshots: [LoopSnapshot]) -> [MetricFamily] {
    var counters = EngineCounters()
    var parseErrors: [WireError: UInt64] = [:]
    for snapshot in snapshots {
      counters.add(snapshot.counters)
      parseErrors.merge(snapshot.parseErrors, uniquingKeysWith: +)
    }
    let inFlight = snapshots.reduce(0) { $0 + $1.inFlight }
    let ports = snapshots.reduce(0) { $0 + $1.ports }
    return [outcomes(counters)] + anomalies(counters) + [
      named(
        "synprobe_parse_errors", "Captured packets that could not be read, by reason.", "reason",
        parseErrors.map { ($0.key.name, $0.value) }),
      named(
        "synprobe_send_errors", "Probes that this host refused to send, by the name of the error.", "errno",
        counters.refusals.map { ($0.key.name, $0.value) }),
      named(
        "synprobe_timestamps_missing", "Kernel stamps that answered probes lack, by stamp.", "stamp",
        ObservationPoint.allCases.map { ($0.rawValue, counters.missingStamps[$0] ?? 0) }),
      MetricFamily("synprobe_probes_in_flight", .gauge, "Probes without an outcome yet.", value: inFlight),
      MetricFamily("synprobe_source_ports", .gauge, "Source ports that are kept from the kernel.", value: ports),
      roundTrips(counters.roundTrips, "synprobe_rtt_seconds", "Round trips of the targets' own answers."),
    ]
  }

  /// A histogram of round trips.
  static func roundTrips(_ histogram: LatencyHistogram, _ name: String, _ help: String) -> MetricFamily {
    var family = MetricFamily(name, .histogram, help)
    family.add(
      counts: histogram.counts, bounds: LatencyHistogram.bounds.map(\.seconds), sum: histogram.sum.seconds)
    return family
  }

  private static func outcomes(_ counters: EngineCounters) -> MetricFamily {
    named(
      "synprobe_probes", "Probes that ended, by outcome.", "outcome",
      ProbeOutcome.Kind.allCases.map { ($0.rawValue, counters.outcomes[$0] ?? 0) })
  }

  private static func anomalies(_ counters: EngineCounters) -> [MetricFamily] {
    let known: [(Anomaly, String)] = [
      (.duplicates, "Further copies of answers that the network made."),
      (.retransmissions, "Repetitions of their answers by the targets themselves."),
      (.late, "Answers after the timeout."),
      (.reordered, "Answers that a later probe's answer overtook."),
      (.corrupt, "Replies with a wrong checksum."),
      (.unmatched, "Replies that answer no probe."),
      (.captureDrops, "Packets that this host's own full buffers lost."),
      (.clockSteps, "Steps of the realtime clock."),
      (.leftovers, "Ports at which a target held a connection of an earlier probe."),
      (.stalls, "Times in which this process was not run."),
    ]
    return known.map {
      MetricFamily("synprobe_\($0.0.rawValue)", .counter, $0.1, value: counters.anomalies[$0.0] ?? 0)
    }
  }

  private static func named(
    _ name: String, _ help: String, _ label: String, _ values: [(String, UInt64)]
  ) -> MetricFamily {
    var family = MetricFamily(name, .counter, help)
    for (value, count) in values.sorted(by: { $0.0 < $1.0 }) { family.add(count, (label, value)) }
    return family
  }
}
