internal import CSyn
package import SynCore

/// The calling thread's right to have its turn at once when it is due, as long as it mostly waits.
///
/// Otherwise a busy thread on its processor goes on for 3 ms and more before this one has its turn.
package struct PromptThread {
  private var isPrompt: Bool
  private var load: WorkLoad

  /// Takes it where CAP_SYS_NICE or a limit (RLIMIT_RTPRIO) permits that, and whoever started this program has not chosen
  /// how it is scheduled.
  package init() {
    let former = Privilege.raise(.scheduling)
    defer { Privilege.restore(former) }
    isPrompt = csyn_run_promptly() == 0
    load = WorkLoad(at: SystemClock.now(), worked: SystemClock.work())
  }

  /// Gives it up for good where the thread works more than it waits; to be asked now and then.
  package mutating func yieldWhenBusy() {
    guard isPrompt, load.isHeavy(at: SystemClock.now(), worked: SystemClock.work) else { return }
    isPrompt = false
    _ = csyn_run_as_others()
  }
}

/// How much of the last second a thread has been at work.
package struct WorkLoad {
  private var begun: MonotonicInstant
  private var worked: Duration

  private static let period = Duration.seconds(1)

  /// Begins with what the thread has worked so far.
  package init(at now: MonotonicInstant, worked: Duration) {
    (begun, self.worked) = (now, worked)
  }

  /// Whether a second is over, of which it was at work for more than three quarters.
  package mutating func isHeavy(at now: MonotonicInstant, worked total: () -> Duration) -> Bool {
    let elapsed = now.since(begun)
    guard elapsed >= WorkLoad.period else { return false }
    let total = total()
    defer { self = WorkLoad(at: now, worked: total) }
    return (total - worked) * 4 > elapsed * 3
  }
}
