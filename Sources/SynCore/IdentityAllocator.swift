public import SynWire

/// Gives each probe its sequence number: a keyed hash of what the probe is, so that only who saw the SYN can answer it.
public struct IdentityAllocator: Sendable {
  private let hash: SipHash

  /// Derives every sequence number from `key`, 128 bits of a cryptographic source.
  public init(key: (UInt64, UInt64)) {
    hash = SipHash(key: key)
  }

  /// The identity of probe `id` to `target` from `localPort`.
  public func identity(of id: ProbeID, to target: Endpoint, from localPort: UInt16) -> ProbeIdentity {
    let bits = target.address.bits
    let hashed = hash.hash([
      id.rawValue, UInt64(truncatingIfNeeded: bits >> 64), UInt64(truncatingIfNeeded: bits),
      UInt64(target.port) << 16 | UInt64(localPort),
    ])
    return ProbeIdentity(
      localPort: localPort, initialSequence: SequenceNumber(UInt32(truncatingIfNeeded: hashed)))
  }
}
