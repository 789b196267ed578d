/// A moment on this host's monotonic clock: for deadlines and schedules only.
///
/// It does not compare with a `KernelTimestamp`: the two come from different clocks.
public struct MonotonicInstant: Hashable, Comparable, Sendable {
  /// Nanoseconds since an arbitrary moment.
  public let nanoseconds: Int64

  /// Wraps a reading of the monotonic clock.
  public init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  /// The last moment that can be told.
  public static let distantFuture = MonotonicInstant(nanoseconds: .max)

  /// The moment `duration` later, or the last one that can be told.
  public func advanced(by duration: Duration) -> MonotonicInstant {
    let (sum, overflow) = nanoseconds.addingReportingOverflow(duration.nanoseconds)
    return MonotonicInstant(nanoseconds: overflow ? .max : sum)
  }

  /// The time from `earlier` to this moment.
  public func since(_ earlier: MonotonicInstant) -> Duration {
    Duration(count: nanoseconds &- earlier.nanoseconds)
  }

  /// The earlier one of two moments, each of which may be none.
  package static func soonest(_ first: MonotonicInstant?, _ second: MonotonicInstant?) -> MonotonicInstant? {
    guard let first, let second else { return first ?? second }
    return min(first, second)
  }

  /// Whether `lhs` is the earlier moment.
  public static func < (lhs: MonotonicInstant, rhs: MonotonicInstant) -> Bool {
    lhs.nanoseconds < rhs.nanoseconds
  }
}

/// A kernel time stamp of a packet, on the realtime clock, which may be stepped.
public struct KernelTimestamp: Hashable, Sendable {
  /// Nanoseconds since 1970-01-01T00:00:00Z.
  public let nanoseconds: Int64

  /// Wraps a stamp of the kernel.
  public init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  /// The moment `duration` later, or the last one that can be told.
  public func advanced(by duration: Duration) -> KernelTimestamp {
    let (sum, overflow) = nanoseconds.addingReportingOverflow(duration.nanoseconds)
    return KernelTimestamp(nanoseconds: overflow ? .max : sum)
  }

  /// The time from `earlier` to `later`; negative when the clock was stepped back between the two.
  public static func - (later: KernelTimestamp, earlier: KernelTimestamp) -> Duration {
    Duration(count: later.nanoseconds &- earlier.nanoseconds)
  }
}

extension MonotonicInstant: Codable {
  /// Reads nanoseconds that a clock may show.
  /// - Throws: `DecodingError` for others.
  public init(from decoder: any Decoder) throws { nanoseconds = try Int64(clock: decoder) }

  /// Writes nanoseconds.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(nanoseconds)
  }
}

extension KernelTimestamp: Codable {
  /// Reads nanoseconds that a clock may show.
  /// - Throws: `DecodingError` for others.
  public init(from decoder: any Decoder) throws { nanoseconds = try Int64(clock: decoder) }

  /// Writes nanoseconds.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(nanoseconds)
  }
}

extension Int64 {
  /// What a clock shows until the year 2116: differences of two such readings can be told.
  fileprivate init(clock decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    self = try container.decode(Int64.self)
    guard (0...1 << 62).contains(self) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(self) ns is no time of a clock")
    }
  }
}

extension Duration {
  /// The whole nanoseconds of this duration, held at the ends of the range of `Int64`.
  public var nanoseconds: Int64 {
    // All that is measured fits, and is divided at once.
    if let small = Int64(exactly: attoseconds) { return small / 1_000_000_000 }
    let (seconds, attoseconds) = components
    let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return seconds < 0 ? .min : .max }
    let (sum, carried) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
    return carried ? (seconds < 0 ? .min : .max) : sum
  }

  /// So many nanoseconds, without the checks of the general initializer: every count fits.
  init(count nanoseconds: Int64) {
    self.init(attoseconds: Int128(nanoseconds) * 1_000_000_000)
  }

  /// This duration in milliseconds, with its nanoseconds behind the point.
  public var milliseconds: Double { Double(nanoseconds) / 1e6 }

  /// This duration in seconds, with its nanoseconds behind the point.
  public var seconds: Double { Double(nanoseconds) / 1e9 }
}
