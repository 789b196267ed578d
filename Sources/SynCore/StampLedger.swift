/// Tells which probe a counted stamp key (SOF_TIMESTAMPING_OPT_ID) belongs to, on kernels that take no key of ours.
///
/// The kernel's counter skips or not after a failed send, depending on where it failed, so counting along goes wrong.
/// But the queued stamp is taken inside the sending call: the probe whose call surrounds it is the one.
public struct StampLedger: Sendable {
  private struct Call {
    let id: ProbeID
    let began: KernelTimestamp
    let ended: KernelTimestamp
  }

  private static let kept = 4096
  private var calls: [Call] = []
  private var probes: [UInt32: ProbeID] = [:]
  private var keys: [UInt32] = []

  /// Nothing sent yet.
  public init() {}

  /// Notes that the sending call for `id` ran between these two readings of the realtime clock.
  public mutating func sent(_ id: ProbeID, from began: KernelTimestamp, to ended: KernelTimestamp) {
    calls.append(Call(id: id, began: began, ended: ended))
    if calls.count > 2 * Self.kept { calls.removeFirst(Self.kept) }
  }

  /// The probe that a stamp with `key` at `time` is of; nil when none fits.
  public mutating func probe(_ stamp: TransmitStamp, key: UInt32, at time: KernelTimestamp) -> ProbeID? {
    switch stamp {
    case .sent: return probes[key]
    case .queued:
      // Stacked devices queue a packet again, perhaps inside another probe's call: the first stamp has decided.
      if let known = probes[key] { return known }
      guard let call = calls.last(where: { $0.began - time <= .zero && time - $0.ended <= .zero }) else { return nil }
      remember(key, call.id)
      return call.id
    }
  }

  private mutating func remember(_ key: UInt32, _ id: ProbeID) {
    if probes.updateValue(id, forKey: key) == nil { keys.append(key) }
    if keys.count > 2 * Self.kept {
      for old in keys.prefix(Self.kept) { probes[old] = nil }
      keys.removeFirst(Self.kept)
    }
  }
}
