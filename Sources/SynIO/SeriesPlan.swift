package import SynCore
package import SynWire

/// A series of probes to one target.
package struct SeriesPlan: Sendable, Hashable {
  package var target: Endpoint
  package var count: Int?
  package var interval: Duration
  package var timeout: Duration
  /// How long the first probe waits: two series take turns when one begins half an interval after the other.
  package var delay: Duration
  /// Time to live, or hop limit, of this series' probes; nil for the prober's.
  package var hopLimit: UInt8?
  /// Whether the distances between the probes are all the same; else they vary, drawn from `seed`, or from chance.
  package var isEven: Bool
  /// What the distances are drawn from; nil for chance.
  package var seed: UInt64?

  package init(
    target: Endpoint, count: Int?, interval: Duration, timeout: Duration, delay: Duration = .zero,
    hopLimit: UInt8? = nil, isEven: Bool = false
  ) {
    self.target = target
    self.count = count
    self.interval = interval
    self.timeout = timeout
    self.delay = delay
    self.hopLimit = hopLimit
    self.isEven = isEven
  }
}

/// What happens to a series, in this order: `started`, probes and reports, `ended`.
package enum SeriesEvent: Sendable {
  /// The first probe is about to leave; no route: every probe will be `blocked`.
  case started(Route?)
  /// A probe goes another way than those before it.
  case path(Route)
  /// A probe ended.
  case probe(ProbeResult)
  /// Something was seen beside the outcomes.
  case report(AnomalyReport)
  /// The capture could not be opened, so nothing was sent.
  case failed(SynIOError)
  /// No further event will come.
  case ended
}
