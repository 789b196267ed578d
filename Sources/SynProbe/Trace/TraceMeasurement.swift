package import SynCore
internal import SynSystem
internal import SynTrace
package import SynWire

/// A trace as it grows: what its series says.
package struct TraceMeasurement: ProbeReducer {
  package static var maySettle: Bool { false }
  package var isSettled: Bool { false }

  /// Why the series could not run.
  package private(set) var failure: ProberError?
  /// SYNs that were in flight when it was ended.
  package private(set) var cancelled = 0
  private let input: String
  private let moment: ClockWatch.Reading
  private var collector: TraceCollector
  private var path: ProbeEvent.Path?

  /// The series of a trace.
  package static func series(to target: Endpoint, _ plan: TracePlan, timeout: Duration) -> SeriesPlan {
    var series = SeriesPlan(target: target, count: nil, interval: timeout, timeout: timeout)
    series.trace = plan
    return series
  }

  /// Begins now.
  package init(input: String, target: Endpoint, _ plan: TracePlan) {
    self.input = input
    moment = SystemClock.moment()
    collector = TraceCollector(target: target, mostHops: plan.mostHops)
  }

  package mutating func add(_ event: ProbeEvent, of index: Int, at now: MonotonicInstant) { add(event) }

  /// Adds what happened.
  package mutating func add(_ event: ProbeEvent) {
    switch event {
    case .started(let first): path = first
    case .probe(let result):
      if result.outcome == .cancelled { cancelled += 1 }
      collector.add(result)
    case .failed(let error): failure = error
    case .path, .report, .witness, .sibling, .train, .noTrains, .packet, .dropped, .ended: break
    }
  }

  private var ownFaults: [String] {
    let refused = collector.blocked.sorted { ($1.value, $0.key.errno) < ($0.value, $1.key.errno) }.map {
      "\($1) SYNs were not sent: \($0.name): \($0.meaning)"
    }
    let device = path?.interface ?? "the device"
    let silent = collector.silentNeighbours.sorted { $0.key.bits < $1.key.bits }.map { neighbour, count in
      "\(count) SYNs did not leave: \(neighbour.silence(on: device))"
    }
    let queued = collector.lostHere[.egress].map { "\($0) SYNs were dropped in this host's egress" }
    let dropped = collector.lostHere[.ingress].map {
      "\($0) answers of the target reached this host and were dropped in its ingress"
    }
    return refused + silent + [queued, dropped].compactMap { $0 }
  }

  /// SYNs that were still waited for when it was ended.
  package var waitedFor: Int { collector.finding.paths.reduce(0) { $0 + $1.hops.reduce(0) { $0 + $1.waitedFor } } }

  /// Whether it is known which way the SYNs go.
  package var isStarted: Bool { path != nil }

  /// Who answered, each once.
  package var answerers: [IPAddress] {
    var known: Set<IPAddress> = []
    let all = collector.finding.paths.flatMap { $0.hops.flatMap { $0.addresses.map(\.address) } }
    return all.filter { known.insert($0).inserted }
  }

  /// The result.
  package func report(ended: MonotonicInstant, names: [IPAddress: String] = [:]) -> TraceReport {
    TraceReport(
      collector.finding, input: input, path: path, startedAt: moment.realtime, took: ended.since(moment.monotonic),
      names: names, ownFaults: ownFaults)
  }
}
