internal import SynWire

extension ProbeEngine {
  /// The kernel stamped the SYN of `id` on its way out.
  ///
  /// Of several stamps of one kind (stacked devices) the first
  /// `queued` and the last `sent` count.
  public mutating func stamped(_ id: ProbeID, _ stamp: TransmitStamp, at time: KernelTimestamp) {
    table.update(id) { probe in
      switch stamp {
      case .queued where probe.observation.queued == nil:
        probe.observation.queued = time
        if let call = probe.call, time - call.ended > .zero { probe.observation.handed = call.began }
      case .queued: break
      case .sent: probe.observation.sent = time
      }
    }
    touch(id)
  }

  /// The call that sent the SYN of `id` ran between these two readings of the realtime clock.
  public mutating func transmitted(_ id: ProbeID, from began: KernelTimestamp, to ended: KernelTimestamp) {
    table.update(id) { $0.call = (began, ended) }
  }

  /// How long after its sending the SYN of `id` came to its queue, where that is later than the call and what held it is
  /// not known: see `held`.
  public func unexplainedHold(of id: ProbeID) -> Duration? {
    guard let probe = table[id], probe.observation.holder == nil else { return nil }
    return probe.observation.held
  }

  /// When the SYN of `id` entered its queue, where that is known.
  public func queued(_ id: ProbeID) -> KernelTimestamp? { table[id]?.observation.queued }

  /// What held the SYN of `id` back.
  public mutating func held(_ id: ProbeID, by holder: Observation.Holder) {
    table.update(id) { $0.observation.holder = holder }
  }

  /// What was asked of a probe that has not ended.
  public func request(of id: ProbeID) -> ProbeRequest? {
    table[id]?.request
  }

  /// Probes whose time is up at `now`, and of which not even the first stamp has come.
  public func traceless(at now: MonotonicInstant) -> [ProbeID] {
    deadlines.expired(at: now).filter { id in
      table[id].map { $0.observation.queued == nil && $0.attempt == nil } ?? false
    }
  }

  /// The link address of the next hop of `id` was asked for and not told: the SYN never left this host.
  public mutating func neighbourIsSilent(_ id: ProbeID) {
    table.update(id) { $0.cause = .silentNeighbour($0.request.neighbour) }
  }
}
