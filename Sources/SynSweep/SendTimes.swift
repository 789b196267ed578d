public import SynCore

/// When SYNs left, by their targets' fingerprints: the last so many, in a table of one size.
///
/// Two targets that meet in one place leave the later one's time there: the other's round trip is not known, and never
/// that of another, but for one in sixteen million.
public struct SendTimes {
  /// The upper 24 bits are those of the fingerprint, the others 100 ns since the start.
  private var slots: [UInt64]
  private let mask: UInt64
  private let start: KernelTimestamp
  private static let tick: Int64 = 100
  private static let timeBits: UInt64 = 40

  /// A table of 8 octets for each of `2^bits` SYNs.
  public init(bits: Int, start: KernelTimestamp) {
    slots = [UInt64](repeating: 0, count: 1 << bits)
    mask = (1 << UInt64(bits)) - 1
    self.start = start
  }

  /// The SYN to a target left at `time`; what is later than 30 hours after the start is not noted.
  public mutating func sent(_ fingerprint: UInt64, at time: KernelTimestamp) {
    let ticks = (time.nanoseconds &- start.nanoseconds) / SendTimes.tick
    guard (1..<1 << Int64(SendTimes.timeBits)).contains(ticks) else { return }
    slots[place(of: fingerprint)] = tag(of: fingerprint) | UInt64(ticks)
  }

  /// How long after its SYN an answer of a target came; nil where the time of that is not known, or later.
  public func elapsed(since fingerprint: UInt64, at time: KernelTimestamp) -> Duration? {
    let slot = slots[place(of: fingerprint)]
    let ticks = slot & (1 << SendTimes.timeBits - 1)
    guard ticks > 0, tag(of: slot) == tag(of: fingerprint) else { return nil }
    let elapsed = time.nanoseconds &- start.nanoseconds &- Int64(ticks) * SendTimes.tick
    return elapsed >= 0 ? .nanoseconds(elapsed) : nil
  }

  private func place(of fingerprint: UInt64) -> Int { Int(fingerprint & mask) }

  private func tag(of fingerprint: UInt64) -> UInt64 { (fingerprint >> SendTimes.timeBits) << SendTimes.timeBits }
}
