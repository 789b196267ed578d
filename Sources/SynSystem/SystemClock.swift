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

  /// CLOCK_THREAD_CPUTIME_ID: for how long the calling thread has been at work.
  package static func work() -> Duration {
    .nanoseconds(csyn_thread_time())
  }

  /// The name of this start of the host, from which CLOCK_MONOTONIC counts (proc_sys_kernel(5)); nil where it is not told.
  package static let boot = (try? TextFile.read("/proc/sys/kernel/random/boot_id", atMost: 64)).map { text in
    String(text.prefix { !$0.isWhitespace })
  }

  /// A reading that another thread ran in the middle of says nothing: it is taken again.
  private static let longestReading = Duration.microseconds(100)

  /// Both clocks at one moment, or as near to each other as this thread is let.
  package static func moment() -> ClockWatch.Reading {
    var best: (gap: Duration, reading: ClockWatch.Reading)?
    for _ in 0..<20 {
      let before = now()
      let realtime = realtime()
      let gap = now().since(before)
      if best.map({ gap < $0.gap }) ?? true {
        best = (gap, ClockWatch.Reading(monotonic: before, realtime: realtime))
      }
      if gap <= .microseconds(5) { break }
    }
    return best?.reading ?? ClockWatch.Reading(monotonic: now(), realtime: realtime())
  }

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
