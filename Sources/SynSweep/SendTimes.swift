public import SynCore

/// When SYNs left, by their targets' fingerprints: the last so many, in a table of one size.
///
/// Two targets that meet in one place leave the later one's time there: the other's round trip is not known, and never
/// that of another, but for one in sixteen million.
public struct SendTimes {
  /// The upper 24 bits are those of the fingerprint, the others 8 ns of the time; 0 where it is not to be told.
  private var slots: [UInt64]
  private let mask: UInt64
  private static let tick: Int64 = 8
  private static let timeBits: UInt64 = 40
  private static let timeMask: UInt64 = 1 << timeBits - 1
  /// An hour: what answers later answers something else.
  private static let longest: UInt64 = 450_000_000_000

  /// A table of 8 octets for each of `2^bits` SYNs.
  public init(bits: Int) {
    slots = [UInt64](repeating: 0, count: 1 << bits)
    mask = (1 << UInt64(bits)) - 1
  }

  /// The SYN to a target left at `time`.
  ///
  /// Of one that was asked again nobody knows which SYN an answer is to: its time is forgotten (Karn and Partridge, 1987).
  public mutating func sent(_ fingerprint: UInt64, at time: KernelTimestamp, isAgain: Bool = false) {
    let ticks = isAgain ? 0 : max(UInt64(bitPattern: time.nanoseconds / SendTimes.tick) & SendTimes.timeMask, 1)
    slots[place(of: fingerprint)] = tag(of: fingerprint) | ticks
  }

  /// How long after its SYN an answer of a target came; nil where the time of that is not known, later, or an hour before.
  public func elapsed(since fingerprint: UInt64, at time: KernelTimestamp) -> Duration? {
    let slot = slots[place(of: fingerprint)]
    let ticks = slot & SendTimes.timeMask
    guard ticks > 0, tag(of: slot) == tag(of: fingerprint) else { return nil }
    // The part of the time that is kept comes around every 2.4 hours.
    let elapsed = (UInt64(bitPattern: time.nanoseconds / SendTimes.tick) &- ticks) & SendTimes.timeMask
    guard elapsed < SendTimes.longest else { return nil }
    return .nanoseconds(Int64(elapsed) * SendTimes.tick + time.nanoseconds % SendTimes.tick)
  }

  private func place(of fingerprint: UInt64) -> Int { Int(fingerprint & mask) }

  private func tag(of fingerprint: UInt64) -> UInt64 { (fingerprint >> SendTimes.timeBits) << SendTimes.timeBits }
}
