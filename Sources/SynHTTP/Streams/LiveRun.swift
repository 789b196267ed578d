internal import SynCore
internal import SynProbe
internal import SynVerdict
internal import SynVerify

/// What one run of a series without an end has found; a class, since its parts grow in place.
final class LiveRun {
  private(set) var measurement: Measurement
  private(set) var window: ProbeWindow
  private(set) var watch = ChangeWatch()
  /// Nil where the ways of losses are not asked for.
  private var ways: LossWays?
  private var delays = DelayWays()
  /// What probes it; nil once it is ended.
  var task: Task<Void, Never>?
  /// Probes that were charged for.
  private var charged: Int
  private var seconds = 0

  init(_ measurement: Measurement, _ terms: LiveTerms, window: Duration) {
    self.measurement = measurement
    // What ends late is still in the piece that is asked for next, which may be a second late itself.
    let late = terms.timeout + .seconds(2)
    let more = min(late.nanoseconds / max(terms.interval.nanoseconds, 1), Int64(3 * ProbeWindow.usualMost))
    let isByKernel = measurement.mode == .connect
    self.window = ProbeWindow(
      length: window + late, most: ProbeWindow.usualMost + Int(more), isByKernel: isByKernel)
    charged = terms.probesOfSecond
    if terms.tellsDirection { ways = LossWays(isByKernel: isByKernel) }
  }

  /// What an event tells.
  struct News {
    /// The probe that has ended, as results have it.
    var probe: PingReport.Probe?
    var changes: [ChangePoint] = []
    /// Why nothing can be sent.
    var failure: String?
  }

  /// Adds an event of the series.
  func add(_ event: ProbeEvent, at now: ClockWatch.Reading) -> News {
    measurement.add(event)
    ways?.add(event, isKeeping: !watch.open.isEmpty)
    var news = News()
    switch event {
    case .probe(let result):
      // The two clocks are read anew each time: a series may outlast a step of the one.
      let left = now.realtime.advanced(by: .zero - now.monotonic.since(result.submitted))
      var line = measurement.line(result)
      line.at = left.rfc3339
      news.probe = line
      delays.add(result, at: left.nanoseconds)
      if result.outcome.kind == .lost { ways?.lost(result.request.sequence, at: left.nanoseconds) }
      let former = watch.open.first { $0.quantity.isOfTimes }
      news.changes = watch.add(result.request.sequence, at: left.nanoseconds, window.add(result))
      for change in news.changes where change.quantity.isOfTimes {
        if let onset = change.onset ?? former?.at { delays.forget(from: onset, to: change.at) }
      }
    case .report(let report):
      window.add(report, at: now.monotonic)
      if report.kind == .clockSteps {
        delays.step()
        ways?.step()
      }
    case .failed(let error): news.failure = "\(error)"
    case .started, .path, .witness, .sibling, .train, .noTrains, .dropped, .packet, .ended: break
    }
    return news
  }

  /// Changes under way of which the way has become known by now.
  func waysKnown() -> [ChangePoint] {
    var known: [ChangePoint] = []
    for change in watch.open where change.place == .network && change.way == nil {
      let way = change.quantity == .loss ? ways?.way(since: change.at) : delays.way(of: change)
      if let way, let told = watch.tell(way, of: change) { known.append(told) }
    }
    return known
  }

  /// A second has passed.
  /// - Returns: What was sent and is not charged for.
  func second(at now: MonotonicInstant) -> Int {
    seconds += 1
    window.advance(to: now)
    let witnesses = ways == nil ? 0 : seconds * LossWays.witnesses
    let sent = measurement.statistics.attempted + witnesses
    defer { charged = max(charged, sent) }
    return sent - charged
  }

  /// Whether readers are due a sign of life.
  var isSignDue: Bool { seconds % 10 == 0 }
}
