package import SynCore
package import SynWire

/// Lets a client probe so many distinct targets in a window, so that the service is no port scanner for him.
package struct TargetBudget: Sendable {
  /// Distinct addresses and ports in a window.
  package let most: Int
  /// How long a window lasts.
  package let window: Duration
  private var targets: Set<Endpoint> = []
  private var began: MonotonicInstant

  /// Starts a window.
  package init(most: Int, window: Duration, at now: MonotonicInstant) {
    self.most = most
    self.window = window
    began = now
  }

  /// Notes a target; otherwise how long until the next window.
  package mutating func take(_ target: Endpoint, at now: MonotonicInstant) -> Duration? {
    if now.since(began) >= window {
      targets = []
      began = now
    }
    if targets.contains(target) { return nil }
    guard targets.count < most else { return window - now.since(began) }
    targets.insert(target)
    return nil
  }

  /// Whether its window is over.
  package func isOver(at now: MonotonicInstant) -> Bool { now.since(began) >= window }
}
