/// Holds back further probes after this host's own queue or memory was too full for one.
///
/// The wait doubles with each failure and halves with each success: a queue that is full empties only when it is not fed
/// faster than it sends (iputils ping slows down likewise).
public struct SendBackoff: Hashable, Sendable {
  /// The first wait.
  public static let shortest = Duration.milliseconds(1)
  /// The longest one: below the usual interval, so that only a fast series is slowed down.
  public static let longest = Duration.milliseconds(100)

  private var wait = Duration.zero
  /// When the next probe may leave; nil for at once.
  public private(set) var until: MonotonicInstant?

  /// Holds nothing back.
  public init() {}

  /// Notes that a probe could not be sent for want of room in this host.
  public mutating func failed(at now: MonotonicInstant) {
    wait = min(max(wait * 2, Self.shortest), Self.longest)
    until = now.advanced(by: wait)
  }

  /// Notes that a probe was sent.
  public mutating func succeeded(at now: MonotonicInstant) {
    wait = wait / 2 >= Self.shortest ? wait / 2 : .zero
    until = wait > .zero ? now.advanced(by: wait) : nil
  }

  /// Whether a probe may leave.
  public func isOver(at now: MonotonicInstant) -> Bool { until.map { $0 <= now } ?? true }
}
