internal import CSyn
package import SynCore

/// The calling thread's right to have its turn at once when it is due, as long as it mostly waits.
///
/// Otherwise a busy thread on its processor goes on for 3 ms and more before this one has its turn.
package struct PromptThread {
  private var isPrompt: Bool
  /// When it waited the last time.
  private var waited: MonotonicInstant

  /// Who works for so long without a wait is one of those that others wait for.
  private static let longestWork = Duration.milliseconds(200)
  /// A wait that was no shorter than this was one.
  private static let shortestWait = Duration.microseconds(50)

  /// Takes it where CAP_SYS_NICE permits that, and whoever started this program has not chosen how it is scheduled.
  package init(at now: MonotonicInstant) {
    let former = Privilege.raise(.scheduling)
    defer { Privilege.restore(former) }
    isPrompt = csyn_run_promptly() == 0
    waited = now
  }

  /// The thread has waited between these moments.
  package mutating func waited(from start: MonotonicInstant, to end: MonotonicInstant) {
    if end.since(start) >= PromptThread.shortestWait { waited = end }
  }

  /// The thread has been at work until now: it gives the right up for good where that has taken long.
  package mutating func worked(until now: MonotonicInstant) {
    guard isPrompt, now.since(waited) > PromptThread.longestWork else { return }
    isPrompt = false
    _ = csyn_run_as_others()
  }
}
