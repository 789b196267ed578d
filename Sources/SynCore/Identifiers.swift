public import SynWire

/// A probe's number within one engine, counted from 0.
public struct ProbeID: Hashable, Comparable, Sendable, Codable {
  /// The number.
  public let rawValue: UInt64

  /// Wraps a number.
  public init(_ rawValue: UInt64) {
    self.rawValue = rawValue
  }

  /// What the kernel's 32-bit stamp key can hold of the number.
  public var stampKey: UInt32 { UInt32(truncatingIfNeeded: rawValue) }

  /// The newest number, not after `newest`, whose stamp key is `key`; nil before there was one.
  public init?(stampKey key: UInt32, notAfter newest: ProbeID) {
    let behind = newest.stampKey &- key
    guard UInt64(behind) <= newest.rawValue else { return nil }
    rawValue = newest.rawValue - UInt64(behind)
  }

  /// Whether `lhs` was submitted first.
  public static func < (lhs: ProbeID, rhs: ProbeID) -> Bool {
    lhs.rawValue < rhs.rawValue
  }
}

/// A series of probes to one target: what one line of a summary is about.
public struct SeriesID: Hashable, Sendable, Codable {
  /// The number.
  public let rawValue: UInt64

  /// Wraps a number.
  public init(_ rawValue: UInt64) {
    self.rawValue = rawValue
  }
}

/// What tells a probe's replies from everything else: its source port and its unpredictable sequence number.
public struct ProbeIdentity: Hashable, Sendable {
  /// The source port, reserved from the kernel.
  public let localPort: UInt16
  /// The initial sequence number of the SYN.
  public let initialSequence: SequenceNumber

  /// Joins the two.
  public init(localPort: UInt16, initialSequence: SequenceNumber) {
    self.localPort = localPort
    self.initialSequence = initialSequence
  }
}
