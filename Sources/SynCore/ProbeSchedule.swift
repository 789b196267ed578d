/// When each probe of a series is due: one every `interval`, from `start` on.
public struct ProbeSchedule: Hashable, Sendable {
  /// How many probes; nil for no end.
  public let count: Int?
  /// Time between the starts of two probes.
  public let interval: Duration
  /// Probes that were taken so far.
  public private(set) var taken = 0
  /// When a series with a count is over, though probes were held up; nil for one without.
  public let end: MonotonicInstant?
  private var next: MonotonicInstant

  /// How much later than planned the last probe may leave.
  private static let slack = Duration.milliseconds(800)

  /// Starts at once: the first probe is due at `start`.
  public init(count: Int?, interval: Duration, start: MonotonicInstant) {
    self.count = count
    self.interval = interval
    next = start
    end = count.map { start.advanced(by: interval * $0 + ProbeSchedule.slack) }
  }

  /// When the next probe is due; nil after the last.
  public var due: MonotonicInstant? {
    if let count, taken >= count { return nil }
    if let end, next > end { return nil }
    return next
  }

  /// Takes the number of the probe that is due at `now`; nil when none is.
  ///
  /// After a stall the probes follow each other at half the interval until the plan is caught up with: no burst.
  public mutating func take(at now: MonotonicInstant) -> Int? {
    guard let due, due <= now else { return nil }
    defer { taken += 1 }
    next = max(due.advanced(by: interval), now.advanced(by: interval / 2))
    return taken
  }

  /// Ends the series: no further probe is due.
  public mutating func stop() {
    self = ProbeSchedule(stoppedAfter: taken, interval: interval, at: next)
  }

  private init(stoppedAfter taken: Int, interval: Duration, at next: MonotonicInstant) {
    count = taken
    self.interval = interval
    self.taken = taken
    self.next = next
    end = next
  }
}
