/// Finds the times in which the loop that drives the engine did not run: a stopped process, a paused machine, a starved
/// processor.
///
/// Kernel stamps stay right through a stall, but probes leave late, and buffers may overflow.
public struct StallWatch: Sendable {
  /// A turn of the loop, or a wait beyond its end, that is longer is a stall.
  public static let tolerance = Duration.milliseconds(100)

  private var lastWake: MonotonicInstant

  /// The loop runs from now on.
  public init(at now: MonotonicInstant) {
    lastWake = now
  }

  /// What the kernel held has been handed in; whether that took so long, since the loop woke up, that it is a stall.
  public func isStalled(drainedAt now: MonotonicInstant) -> Bool {
    now.since(lastWake) > Self.tolerance
  }

  /// The loop woke up at `now` from a wait until `planned` (nil: without an end); whether it overslept.
  public mutating func woke(at now: MonotonicInstant, planned: MonotonicInstant?) -> Bool {
    lastWake = now
    return planned.map { now.since($0) > Self.tolerance } ?? false
  }
}
