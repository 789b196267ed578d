internal import HTTPTypes
internal import Metrics
internal import SynCore
internal import SynEdge

/// The metrics of the service itself.
final class ServiceMetrics: Sendable {
  private static let help = [
    "synprobe_http_requests_total": "Requests that were answered, by route, method and status.",
    "synprobe_http_request_duration_seconds": "From the whole request to its answer, by route.",
    "synprobe_http_requests_in_flight": "Requests that are being answered.",
    "synprobe_http_refused_total": "Requests that were refused, by the kind of problem.",
    "synprobe_config_last_reload_successful": "Whether the configuration was read without an error the last time.",
    "synprobe_config_last_reload_success_timestamp_seconds": "When the configuration was last read without an error.",
  ]

  private static let methods: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .delete, .options, .patch, .trace]

  private let registry = MetricRegistry(help: help)
  private let inFlight: Meter
  private let reloaded: Meter
  private let reloadedAt: Meter

  init() {
    inFlight = Meter(label: "synprobe_http_requests_in_flight", dimensions: [], factory: registry)
    reloaded = Meter(label: "synprobe_config_last_reload_successful", dimensions: [], factory: registry)
    reloadedAt = Meter(
      label: "synprobe_config_last_reload_success_timestamp_seconds", dimensions: [], factory: registry)
    for kind in Problem.Kind.allCases { count(kind, by: 0) }
  }

  var families: [MetricFamily] { registry.families }

  /// A request begins to be answered.
  func began() { inFlight.increment(by: 1) }

  /// A request was answered.
  func answered(route: String, method: HTTPRequest.Method, status: Int, after duration: Duration) {
    inFlight.decrement(by: 1)
    let name = ServiceMetrics.methods.contains(method) ? method.rawValue : "other"
    Counter(
      label: "synprobe_http_requests_total",
      dimensions: [("route", route), ("method", name), ("status", "\(status)")], factory: registry
    ).increment()
    Timer(label: "synprobe_http_request_duration_seconds", dimensions: [("route", route)], factory: registry)
      .recordNanoseconds(duration.nanoseconds)
  }

  /// A request was refused.
  func refused(_ problem: Problem) { count(problem.kind, by: 1) }

  /// The configuration was read, or could not be: at seconds of the realtime clock.
  func reloaded(isGood: Bool, at time: Double) {
    reloaded.set(isGood ? 1 : 0)
    if isGood { reloadedAt.set(time) }
  }

  private func count(_ kind: Problem.Kind, by amount: Int) {
    Counter(label: "synprobe_http_refused_total", dimensions: [("kind", kind.rawValue)], factory: registry)
      .increment(by: amount)
  }
}
