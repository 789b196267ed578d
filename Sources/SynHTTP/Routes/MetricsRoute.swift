internal import HTTPTypes
internal import Hummingbird
internal import SynEdge
internal import SynSystem

/// `GET /metrics`: the service's own.
struct MetricsRoute: Sendable {
  let metrics: ServiceMetrics
  let probers: Probers
  let connections: ConnectionCounter
  let slots: ProbeSlots
  let streams: StreamCounters
  let monitors: Monitors
  let version: String

  var route: Route {
    Route(
      path: "/metrics", access: .reader, operation: "metrics", summary: "The metrics of the service itself.",
      answers: Route.Answer.expositions
    ) { request, _ in
      Response(exposing: await families, to: request)
    }
  }

  private var families: [MetricFamily] {
    get async {
      let engines = EngineMetrics.families(await probers.snapshots())
      return
        (engines + metrics.families + own + streams.families + MonitorMetrics.families(monitors.all)
        + ProcessMetrics.families).sorted { $0.name < $1.name }
    }
  }

  private var own: [MetricFamily] {
    var build = MetricFamily("synprobe_build", .info, "The version of this program, and how it can probe.")
    build.add(1, ("mode", probers.fallbackReason == nil ? "syn" : "connect"), ("version", version))
    let state = monitors.store.map { store in
      [
        MetricFamily(
          "synprobe_state_file_good", .gauge, "Whether what was to be kept last could be.", value: store.isGood ? 1 : 0),
        MetricFamily(
          "synprobe_state_entries_dropped", .counter, "What happened to monitors and could not be kept.",
          value: store.dropped),
      ]
    }
    return (state ?? []) + [
      build,
      MetricFamily(
        "synprobe_http_connections", .gauge, "Connections that are open.", value: connections.open),
      MetricFamily("synprobe_series_in_flight", .gauge, "Series of probes that run.", value: slots.taken),
    ]
  }
}
