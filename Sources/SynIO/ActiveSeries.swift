internal import SynCore
internal import SynSystem

/// A series while it runs on the loop.
///
/// A class, since the loop looks at it several times for each probe; it stays on the loop's thread.
final class ActiveSeries {
  let id: SeriesID
  let plan: SeriesPlan
  let handler: @Sendable (ProbeEvent) -> Void
  var schedule: ProbeSchedule
  private let seed: UInt64?
  var unfinished = 0
  /// The way to the target, or why there is none: that of the last probe, where each source port has its own.
  var route: Result<Route, SendFailure>
  var routeChecked: MonotonicInstant
  /// Whether each source port may have a way of its own.
  var asksPorts: Bool
  private var portRoutes: [UInt16: (route: Result<Route, SendFailure>, checked: MonotonicInstant)] = [:]
  /// The ways that were told of.
  private var toldPaths: Set<ProbeEvent.Path?> = []
  /// What it was told of the reports that concern every series.
  private var told: SharedReports
  /// A probe is due, and every source port is in flight to the target.
  var waitsForPort = false
  /// The series of witnesses beside this one.
  var witness: SeriesID?
  /// Of a series of trains: what leaves when.
  var pacer: TrainPacer?
  /// Of a trace: what leaves when.
  var tracer: TracePacer?
  /// Its own probes begin when the trains ahead of it have ended.
  var waitsForTrains = false
  /// Of a series of witnesses: the ports whose answers the kernel does not refuse.
  var heldPorts: [UInt16] = []
  /// The other port of the target's address that is known to be closed.
  var closedSibling: UInt16?
  /// When other ports were asked the last time.
  var siblingsAsked: MonotonicInstant?
  /// Until then the target may repeat an answer that was lost.
  private var listensUntil: MonotonicInstant?
  /// The end of the wait for further copies of the last answer.
  var lingersUntil: MonotonicInstant?
  private var longestRoundTrip = Duration.zero
  /// What this host's counters stood at when it began.
  let dropsBefore: DropReading?
  /// Whether something in this host may have dropped a probe.
  private(set) var hasDrops = false

  /// A route may change while a series runs; it is asked for again after this time, or after a failed send.
  static let routeLifetime = Duration.seconds(1)
  /// A copy that the network made of the last answer comes within a round trip.
  private static let longestLinger = Duration.milliseconds(50)

  init(
    id: SeriesID, plan: SeriesPlan, route: Result<Route, SendFailure>, asksPorts: Bool, seed: UInt64?,
    shared: SharedReports, at now: MonotonicInstant, dropsBefore: DropReading? = nil,
    handler: @escaping @Sendable (ProbeEvent) -> Void
  ) {
    self.id = id
    self.plan = plan
    self.handler = handler
    self.seed = seed
    self.route = route
    self.asksPorts = asksPorts
    told = shared
    self.dropsBefore = dropsBefore
    routeChecked = now
    schedule = ProbeSchedule(plan, at: now, seed: seed)
  }

  func ended(_ result: ProbeResult, at now: MonotonicInstant) {
    unfinished -= 1
    pacer?.add(result, at: now)
    tracer?.add(result)
    hasDrops = hasDrops || result.outcome.mayBeDropped(within: path?.isLocal == true)
    longestRoundTrip = max(longestRoundTrip, result.observation.roundTrip ?? .zero)
    if case .lost(.network) = result.outcome, let listening = plan.listening {
      listen(until: result.submitted.advanced(by: listening.time))
    }
    if unfinished == 0, schedule.due == nil {
      let isCut = result.outcome == .cancelled
      let linger = now.advanced(by: isCut ? .zero : min(longestRoundTrip, Self.longestLinger))
      lingersUntil = isCut ? linger : max(linger, listensUntil ?? linger)
    }
  }

  /// Begins with its own probes, unless it was ended meanwhile.
  func trainsEnded(at now: MonotonicInstant) {
    guard waitsForTrains else { return }
    waitsForTrains = false
    guard schedule.due != nil else { return }
    schedule = ProbeSchedule(plan, at: now, seed: seed)
  }

  /// Goes on until `moment` at least.
  func listen(until moment: MonotonicInstant) {
    listensUntil = max(moment, listensUntil ?? moment)
  }

  /// Gives up probes that could not leave in time: a series never lasts longer than its plan.
  ///
  /// The first leaves however late this process comes to it.
  func stopWhenOver(at now: MonotonicInstant) {
    guard schedule.taken > 0 || waitsForPort else { return }
    guard lingersUntil == nil, let end = schedule.end, end < now, unfinished == 0 || schedule.due != nil else { return }
    schedule.stop()
    waitsForPort = false
    if unfinished == 0 { lingersUntil = max(now, listensUntil ?? now) }
  }

  /// The way to the target, where there is one.
  var path: Route? { try? route.get() }

  /// Tells of what has been reported to every series since the last time.
  func catchUp(with shared: SharedReports) {
    guard shared != told else { return }
    for report in shared.reports(since: told) { handler(.report(report)) }
    told = shared
  }

  /// The next probe asks for the route again.
  func routeExpired() {
    routeChecked = routeChecked.advanced(by: .zero - Self.routeLifetime)
    portRoutes.removeAll(keepingCapacity: true)
  }

  /// The way of a source port, where it was asked for a moment ago.
  func knownRoute(from port: UInt16, at now: MonotonicInstant) -> Result<Route, SendFailure>? {
    guard let known = portRoutes[port], now.since(known.checked) < Self.routeLifetime else { return nil }
    return known.route
  }

  func learn(_ route: Result<Route, SendFailure>, from port: UInt16, at now: MonotonicInstant) {
    portRoutes[port] = (route, now)
  }

  /// Tells of the way that a probe goes, when it is the first or one that was not told of.
  func tell(_ route: Route?) {
    let path = route?.path
    guard toldPaths.insert(path).inserted else { return }
    if toldPaths.count == 1 { handler(.started(path)) } else if let path { handler(.path(path)) }
  }

  /// When the loop must look at this series next.
  var nextMoment: MonotonicInstant? {
    if let pacer { return pacer.moment }
    if let tracer { return tracer.isOver ? routeChecked : tracer.moment }
    if let lingersUntil { return lingersUntil }
    if waitsForTrains { return nil }
    if waitsForPort { return schedule.end }
    return schedule.due ?? (unfinished == 0 ? schedule.end : nil)
  }
}

extension ProbeSchedule {
  fileprivate init(_ plan: SeriesPlan, at now: MonotonicInstant, seed: UInt64?) {
    self.init(count: plan.count, interval: plan.interval, start: now.advanced(by: plan.delay), seed: seed)
  }
}
