internal import SynCore
internal import SynWire

/// A series while it runs on the loop.
struct ActiveSeries {
  let id: SeriesID
  let plan: SeriesPlan
  let handler: @Sendable (SeriesEvent) -> Void
  var schedule: ProbeSchedule
  var unfinished = 0
  /// The way to the target, or why there is none.
  var route: Result<Route, SendFailure>
  var routeChecked: MonotonicInstant
  /// A probe is due, and every source port is in flight to the target.
  var waitsForPort = false
  /// The end of the wait for further copies of the last answer.
  var lingersUntil: MonotonicInstant?
  private var longestRoundTrip = Duration.zero

  /// A route may change while a series runs; it is asked for again after this time, or after a failed send.
  static let routeLifetime = Duration.seconds(1)
  /// A copy that the network made of the last answer comes within a round trip.
  private static let longestLinger = Duration.milliseconds(50)

  init(
    id: SeriesID, plan: SeriesPlan, route: Result<Route, SendFailure>, at now: MonotonicInstant,
    handler: @escaping @Sendable (SeriesEvent) -> Void
  ) {
    self.id = id
    self.plan = plan
    self.handler = handler
    self.route = route
    routeChecked = now
    schedule = ProbeSchedule(count: plan.count, interval: plan.interval, start: now.advanced(by: plan.delay))
  }

  mutating func ended(_ result: ProbeResult, at now: MonotonicInstant) {
    unfinished -= 1
    longestRoundTrip = max(longestRoundTrip, result.observation.roundTrip ?? .zero)
    if unfinished == 0, schedule.due == nil {
      let isCut = result.outcome == .cancelled
      lingersUntil = now.advanced(by: isCut ? .zero : min(longestRoundTrip, Self.longestLinger))
    }
  }

  /// Gives up probes that could not leave in time: a series never lasts longer than its plan.
  mutating func stopWhenOver(at now: MonotonicInstant) {
    guard lingersUntil == nil, let end = schedule.end, end < now, unfinished == 0 || schedule.due != nil else { return }
    schedule.stop()
    if unfinished == 0 { lingersUntil = now }
  }

  /// The way to the target, where there is one.
  var path: Route? { try? route.get() }

  /// The next probe asks for the route again.
  mutating func routeExpired() {
    routeChecked = routeChecked.advanced(by: .zero - Self.routeLifetime)
  }

  /// When the loop must look at this series next, where `backoff` holds its probes back.
  func nextMoment(after backoff: SendBackoff) -> MonotonicInstant? {
    if let lingersUntil { return lingersUntil }
    if waitsForPort { return schedule.end }
    return schedule.due.map { max($0, backoff.until ?? $0) }
  }
}
