internal import SynWire

extension ProbeEngine {
  /// The kernel stamped the SYN of `id` on its way out.
  ///
  /// Of several stamps of one kind (stacked devices) the first
  /// `queued` and the last `sent` count.
  public mutating func stamped(_ id: ProbeID, _ stamp: TransmitStamp, at time: KernelTimestamp) {
    var handed: KernelTimestamp?
    table.update(id) { probe in
      switch stamp {
      case .queued where probe.queued == nil:
        probe.queued = time
        if let call = probe.call, time - call.ended > .zero { handed = call.began }
      case .queued: break
      case .sent: probe.sent = time
      }
    }
    if let handed {
      table.noteRare(id) { $0.handed = handed }
      unexplained.append(id)
    }
    touch(id)
  }

  /// The call that sent the SYN of `id` ran between these two readings of the realtime clock.
  public mutating func transmitted(_ id: ProbeID, from began: KernelTimestamp, to ended: KernelTimestamp) {
    table.update(id) { $0.call = (began, ended) }
  }

  /// A SYN that came to its queue later than its call ended: something held it.
  public struct Hold: Hashable, Sendable {
    /// The probe.
    public let id: ProbeID
    /// What was asked.
    public let request: ProbeRequest
    /// When it entered its queue.
    public let queued: KernelTimestamp
  }

  /// Takes the next SYN that something held, where it is not known what: see `held`.
  public mutating func takeUnexplainedHold() -> Hold? {
    while let id = unexplained.popLast() {
      guard let probe = table[id], let queued = probe.queued, table[findings: probe].rare?.handed != nil,
        table[findings: probe].rare?.holder == nil
      else { continue }
      return Hold(id: id, request: table.request(of: probe), queued: queued)
    }
    return nil
  }

  /// What held the SYN of `id` back.
  public mutating func held(_ id: ProbeID, by holder: Observation.Holder) {
    table.noteRare(id) { $0.holder = holder }
  }

  /// Whether a probe was taken and has not ended.
  public func isInFlight(_ id: ProbeID) -> Bool { table.isInFlight(id) }

  /// What was asked of a probe that has not ended.
  public func request(of id: ProbeID) -> ProbeRequest? {
    table[id].map { table.request(of: $0) }
  }

  /// Probes whose time is up at `now`, and of which not even the first stamp has come.
  public func traceless(at now: MonotonicInstant) -> [ProbeID] {
    deadlines.expired(at: now).filter { id in
      table[id].map { $0.queued == nil && table[findings: $0].rare?.attempt == nil } ?? false
    }
  }

  /// The link address of the next hop of `id` was asked for and not told: the SYN never left this host.
  public mutating func neighbourIsSilent(_ id: ProbeID) {
    guard let neighbour = request(of: id)?.neighbour else { return }
    table.noteRare(id) { $0.cause = .silentNeighbour(neighbour) }
  }
}
