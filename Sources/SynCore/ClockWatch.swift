/// Finds steps of the realtime clock by its distance from the monotonic one.
public struct ClockWatch: Sendable {
  /// A reading of both clocks at one moment.
  public struct Reading: Hashable, Sendable {
    /// The monotonic clock.
    public let monotonic: MonotonicInstant
    /// The realtime clock.
    public let realtime: KernelTimestamp

    /// Joins two readings that were taken together.
    public init(monotonic: MonotonicInstant, realtime: KernelTimestamp) {
      self.monotonic = monotonic
      self.realtime = realtime
    }
  }

  /// A change of the distance that is no step: the larger of this and the slew below.
  private static let tolerance: Int64 = 1_000_000
  /// adjtime(2) slews by at most 500 parts in a million.
  private static let slewDivisor: Int64 = 2_000

  private var last: Reading?

  /// No reading yet.
  public init() {}

  /// Takes the next reading, and says whether the realtime clock was stepped since the one before.
  public mutating func isStepped(_ reading: Reading) -> Bool {
    defer { last = reading }
    guard let last else { return false }
    let monotonic = reading.monotonic.nanoseconds &- last.monotonic.nanoseconds
    let realtime = reading.realtime.nanoseconds &- last.realtime.nanoseconds
    let allowed = max(Self.tolerance, monotonic.magnitude < .max ? Int64(monotonic.magnitude) / Self.slewDivisor : 0)
    return (realtime &- monotonic).magnitude > allowed.magnitude
  }
}
