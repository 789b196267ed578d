/// When each probe of a series is due: one every `interval` on average, from `start` on.
///
/// With a seed each leaves up to a quarter of the interval before or after its turn: probes at even distances would meet
/// a fault that comes and goes in the same rhythm always, or never (RFC 3432 section 4).
public struct ProbeSchedule: Hashable, Sendable {
  /// How many probes; nil for no end.
  public let count: Int?
  /// Mean time between the starts of two probes.
  public let interval: Duration
  /// Probes that were taken so far.
  public private(set) var taken = 0
  /// When a series with a count is over, though probes were held up; nil for one without.
  public let end: MonotonicInstant?
  /// When the next probe is due by the plan.
  private var turn: MonotonicInstant
  /// Not before this, however late it is by the plan: probes that are late follow each other at half the interval.
  private var floor: MonotonicInstant
  private let seed: UInt64?
  /// How far from its turn the next probe leaves.
  private var dither = Duration.zero

  /// What is late by less than a thread takes to wake up, several times over, may leave together.
  private static let tolerance = Duration.milliseconds(1)
  /// How much later than planned the last probe may leave.
  private static let slack = Duration.milliseconds(800)

  /// Starts at once: the first probe is due at `start`.
  public init(count: Int?, interval: Duration, start: MonotonicInstant, seed: UInt64? = nil) {
    self.count = count
    self.interval = interval
    self.seed = seed
    turn = start
    floor = start
    end = count.flatMap { count in
      let (length, isEndless) = interval.nanoseconds.multipliedReportingOverflow(by: Int64(count))
      return isEndless ? nil : start.advanced(by: .nanoseconds(length)).advanced(by: ProbeSchedule.slack)
    }
  }

  /// When the next probe is due; nil after the last.
  public var due: MonotonicInstant? {
    if let count, taken >= count { return nil }
    if let end, max(turn, floor) > end { return nil }
    return max(turn.advanced(by: dither), floor)
  }

  /// How far from its turn a probe leaves, but for the first, which leaves at once.
  private func dither(of taken: Int) -> Duration {
    guard let seed else { return .zero }
    let quarter = interval.nanoseconds / 4
    guard quarter > 0 else { return .zero }
    let bits = SipHash(key: (seed, 0)).hash([UInt64(taken)])
    return .nanoseconds(Int64(bits % UInt64(2 * quarter + 1)) - quarter)
  }

  /// Takes the number of the probe that is due at `now`; nil when none is.
  ///
  /// After a stall the probes follow each other at half the interval until the plan is caught up with: no burst, but for
  /// intervals that are shorter than a thread can keep.
  public mutating func take(at now: MonotonicInstant) -> Int? {
    guard let due, due <= now else { return nil }
    defer {
      taken += 1
      dither = dither(of: taken)
    }
    // What was missed in a long stall is given up.
    turn = max(turn.advanced(by: interval), now.advanced(by: .zero - ProbeSchedule.slack))
    let half = interval / 2
    let tolerance = half < ProbeSchedule.tolerance ? ProbeSchedule.tolerance : .zero
    floor = max(floor, now.advanced(by: .zero - tolerance)).advanced(by: half)
    return taken
  }

  /// Ends the series: no further probe is due.
  public mutating func stop() {
    self = ProbeSchedule(stoppedAfter: taken, interval: interval, at: turn)
  }

  private init(stoppedAfter taken: Int, interval: Duration, at turn: MonotonicInstant) {
    count = taken
    self.interval = interval
    self.taken = taken
    self.turn = turn
    floor = turn
    seed = nil
    end = turn
  }
}
