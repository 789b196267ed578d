internal import SynCore

/// Whether to let events gather for a moment before they are taken: to be woken by each costs as much as its probe.
///
/// A run of a few probes a second, or of a few in all, is answered at once.
struct EventPace {
  /// How long they gather.
  static let pause = Duration.milliseconds(2)
  private static let window = Duration.milliseconds(10)
  private static let mostWakes = 20
  private static let fewest = 4

  private var windowBegan = MonotonicInstant(nanoseconds: 0)
  private var wakes = 0
  /// Whether events come so fast that it pays.
  private(set) var isFast = false

  /// Notes that so many events were taken at `now`.
  mutating func took(_ count: Int, at now: MonotonicInstant) {
    if isFast {
      isFast = count >= EventPace.fewest
      return
    }
    if now.since(windowBegan) > EventPace.window {
      windowBegan = now
      wakes = 0
    }
    wakes += 1
    isFast = wakes > EventPace.mostWakes
    if isFast { wakes = 0 }
  }
}
