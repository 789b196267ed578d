internal import SynCore
internal import SynProbe
internal import SynVerdict
internal import SynVerify

/// The metrics of the monitors: a bounded number of series, since there are at most 256 of them.
enum MonitorMetrics {
  static func families(_ monitors: [Monitor]) -> [MetricFamily] {
    var probing = MetricFamily("synprobe_monitor_probing", .gauge, "Whether the monitor's target is probed.")
    var verdict = MetricFamily(
      "synprobe_monitor_verdict", .gauge, "1 at the verdict of the monitor's claims, or of whether anything changed.")
    var roundTrip = MetricFamily(
      "synprobe_monitor_rtt_seconds", .gauge, "Quantiles of the round trips of the monitor's window.")
    var segments = MetricFamily(
      "synprobe_monitor_segment_seconds", .gauge, "Medians of the parts of the round trips of the monitor's window.")
    var loss = MetricFamily("synprobe_monitor_loss_ratio", .gauge, "Lost over sent in the monitor's window.")
    var probes = MetricFamily("synprobe_monitor_probes", .counter, "Probes of the monitor that have ended, by outcome.")
    var onsets = MetricFamily("synprobe_monitor_onsets", .counter, "Changes that the monitor has seen begin.")
    var open = MetricFamily("synprobe_monitor_changed", .gauge, "Whether a change is under way.")
    for monitor in monitors {
      let id = monitor.id
      probing.add(monitor.series == nil ? 0 : 1, ("id", id))
      for quantity in ChangePoint.Quantity.allCases {
        onsets.add(monitor.onsets[quantity] ?? 0, ("id", id), ("what", quantity.rawValue))
      }
      if let statistics = monitor.series?.statistics {
        for kind in ProbeOutcome.Kind.allCases {
          probes.add(statistics.count(kind), ("id", id), ("outcome", kind.rawValue))
        }
      }
      guard let check = monitor.check() else { continue }
      for one in Verdict.allCases { verdict.add(check.verdict == one ? 1 : 0, ("id", id), ("verdict", one.rawValue)) }
      for quantity in ChangePoint.Quantity.allCases {
        let isOpen = check.open.contains { $0.what == quantity.rawValue }
        open.add(isOpen ? 1 : 0, ("id", id), ("what", quantity.rawValue))
      }
      if let ratio = check.window.lossRatio { loss.add(ratio, ("id", id)) }
      if let times = check.window.rttMs {
        for (name, value) in [("p50", times.p50), ("p90", times.p90), ("p99", times.p99)] {
          roundTrip.add(value / 1e3, ("id", id), ("percentile", name))
        }
      }
      let parts = check.window.segmentsMs
      for (name, part) in [("egress", parts?.egress), ("network", parts?.network), ("ingress", parts?.ingress)] {
        if let part { segments.add(part.p50 / 1e3, ("id", id), ("segment", name)) }
      }
    }
    return [probing, verdict, roundTrip, segments, loss, probes, onsets, open].filter { !$0.samples.isEmpty }
  }
}
