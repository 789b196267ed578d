internal import SynCore
internal import SynWire

/// What the spaces of a sweep are, in a few octets: whether another run has the same up to some turn.
public struct SweepDigest: Sendable {
  private var ends: [(end: UInt64, digest: UInt64)] = []
  private var last: UInt64 = 0

  /// Of no space.
  public init() {}

  /// The next space.
  public mutating func add(_ space: SweepSpace) {
    let hash = SipHash(key: (0, 0))
    for span in space.addresses.spans {
      let family: UInt64 = span.family == .v4 ? 4 : 6
      last = hash.hash([
        last, family, UInt64(truncatingIfNeeded: span.first), UInt64(truncatingIfNeeded: span.first >> 64),
        UInt64(truncatingIfNeeded: span.last), UInt64(truncatingIfNeeded: span.last >> 64),
      ])
    }
    for port in space.ports { last = hash.hash([last, UInt64(port)]) }
    ends.append((end + space.count, last))
  }

  /// Turns in all.
  public var end: UInt64 { ends.last?.end ?? 0 }

  /// Of the spaces that so many turns are of, from the first on; nil where they are more.
  public func value(of turns: UInt64) -> UInt64? { ends.first { turns <= $0.end }?.digest }
}
