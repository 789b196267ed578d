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
  /// How long the target's repetitions are listened for, and what of it tells the way of a loss; nil for not at all.
  package var listening: Listening?

  /// Other ports of the target's address, to be asked when its own falls silent; the first that is closed is asked on.
  package var siblings: [UInt16] = []

  /// Trains that tell how wide the path is, before the first probe; nil for none.
  package var trains: TrainPlan?

  /// Instead of probes of one hop limit those of a trace; nil for none.
  package var trace: TracePlan?

  /// Listening for the target's repetitions.
  package struct Listening: Sendable, Hashable {
    /// So long after a probe that was lost the series goes on.
    package var time: Duration
    /// So long a lost probe is remembered.
    package var memory: Duration

    package init(time: Duration, memory: Duration) {
      self.time = time
      self.memory = memory
    }
  }

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
