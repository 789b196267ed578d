internal import SynCore
internal import SynWire

/// A series while it runs on the loop.
struct ActiveSeries {
  let id: SeriesID
  let plan: SeriesPlan
  let handler: @Sendable (SeriesEvent) -> Void
  var schedule: ProbeSchedule
  var unfinished = 0
  var route: Route?
  var routeChecked: MonotonicInstant
  /// The end of the wait for further copies of the last answer.
  var lingersUntil: MonotonicInstant?
  private var longestRoundTrip = Duration.zero

  /// A route may change while a series runs; it is asked for again after this time, or after a failed send.
  static let routeLifetime = Duration.seconds(1)
  /// A copy that the network made of the last answer comes within a round trip.
  private static let longestLinger = Duration.milliseconds(50)

  init(
    id: SeriesID, plan: SeriesPlan, route: Route?, at now: MonotonicInstant,
    handler: @escaping @Sendable (SeriesEvent) -> Void
  ) {
    self.id = id
    self.plan = plan
    self.handler = handler
    self.route = route
    routeChecked = now
    schedule = ProbeSchedule(count: plan.count, interval: plan.interval, start: now)
  }

  mutating func ended(_ result: ProbeResult, at now: MonotonicInstant) {
    unfinished -= 1
    longestRoundTrip = max(longestRoundTrip, result.observation.roundTrip ?? .zero)
    if unfinished == 0, schedule.due == nil {
      let isCut = result.outcome == .cancelled
      lingersUntil = now.advanced(by: isCut ? .zero : min(longestRoundTrip, Self.longestLinger))
    }
  }

  /// The next probe asks for the route again.
  mutating func routeExpired() {
    routeChecked = routeChecked.advanced(by: .zero - Self.routeLifetime)
  }

  /// When the loop must look at this series next.
  var nextMoment: MonotonicInstant? { lingersUntil ?? schedule.due }
}
