/// Tells which probe a counted stamp key (SOF_TIMESTAMPING_OPT_ID) belongs to, on kernels that take no key of ours.
///
/// The kernel's counter skips or not after a failed send, depending on where it failed, so counting along goes wrong.
/// But the queued stamp is taken inside the sending call: the probe whose call surrounds it is the one.
public struct StampLedger: Sendable {
  private struct Call {
    let id: ProbeID
    let began: KernelTimestamp
    let ended: KernelTimestamp
    /// The key, if the kernel counts as we do.
    let counted: UInt32?
  }

  private static let kept = 4096
  /// The next key of the kernel's counter, which is the number of the call while none has failed.
  private var counted: UInt32? = 0
  private var calls: [Call] = []
  private var probes: [UInt32: ProbeID] = [:]
  private var keys: [UInt32] = []

  /// Nothing sent yet.
  public init() {}

  /// Notes that the sending call for `id` ran between these two readings of the realtime clock, and whether it went well.
  ///
  /// Until one fails the keys can be counted as well: so a stamp that comes after its call, since the neighbour's link
  /// address had to be found first, finds its probe.
  public mutating func sent(
    _ id: ProbeID, from began: KernelTimestamp, to ended: KernelTimestamp, isAccepted: Bool = true
  ) {
    calls.append(Call(id: id, began: began, ended: ended, counted: isAccepted ? counted : nil))
    counted = isAccepted ? counted.map { $0 &+ 1 } : nil
    if calls.count > 2 * Self.kept { calls.removeFirst(Self.kept) }
  }

  /// The probe that a stamp with `key` at `time` is of; nil when none fits.
  public mutating func probe(_ stamp: TransmitStamp, key: UInt32, at time: KernelTimestamp) -> ProbeID? {
    switch stamp {
    case .sent: return probes[key]
    case .queued:
      // Stacked devices queue a packet again, perhaps inside another probe's call: the first stamp has decided.
      if let known = probes[key] { return known }
      let surrounding = calls.last { $0.began - time <= .zero && time - $0.ended <= .zero }
      guard let call = surrounding ?? calls.last(where: { $0.counted == key && time - $0.ended > .zero }) else {
        return nil
      }
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
