internal import CSyn
package import SynCore

/// The only place that reads a clock.
package enum SystemClock {
  /// CLOCK_MONOTONIC: for deadlines and schedules.
  package static func now() -> MonotonicInstant {
    MonotonicInstant(nanoseconds: csyn_monotonic())
  }

  /// CLOCK_REALTIME: the clock of every kernel stamp.
  package static func realtime() -> KernelTimestamp {
    KernelTimestamp(nanoseconds: csyn_realtime())
  }

  /// A reading that another thread ran in the middle of says nothing: it is taken again.
  private static let longestReading = Duration.microseconds(100)

  /// Both clocks at one moment; nil when this thread was interrupted five times in a row.
  package static func reading() -> ClockWatch.Reading? {
    for _ in 0..<5 {
      let before = now()
      let realtime = realtime()
      let after = now()
      if after.since(before) <= longestReading { return ClockWatch.Reading(monotonic: before, realtime: realtime) }
    }
    return nil
  }
}
