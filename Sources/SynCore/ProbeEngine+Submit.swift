extension ProbeEngine {
  /// Why a probe was not taken.
  public enum SubmitError: Error, Hashable, Sendable {
    /// Another remembered probe expects the same answer; another port or key gives another identity.
    case identityInUse
  }

  /// Takes a probe, asks for its SYN to be sent, and starts its timeout.
  /// - Throws: `SubmitError.identityInUse`; the number of the probe is used up all the same.
  @discardableResult
  public mutating func submit(
    _ request: ProbeRequest, as identity: ProbeIdentity, at now: MonotonicInstant
  ) throws(SubmitError) -> ProbeID {
    self.now = max(self.now, now)
    let id = takeID()
    let probe = InFlightProbe(
      id: id, request: request, identity: identity, submitted: now, deadline: now.advanced(by: request.timeout))
    guard accept(probe) else { throw .identityInUse }
    emit(
      .transmit(
        SynSpecification(
          id: id, series: request.series, target: request.target, identity: identity, hopLimit: request.hopLimit,
          shape: request.shape)))
    return id
  }

  /// Remembers a probe and starts its timeout; false when its identity is in use.
  @discardableResult
  mutating func accept(_ probe: InFlightProbe) -> Bool {
    guard table.insert(probe) else { return false }
    counters.attempted += 1
    histories[probe.request.series, default: SeriesHistory()].submitted(probe.id, probe.request.sequence)
    deadlines.add(probe.id, at: probe.submitted, wait: probe.request.timeout)
    return true
  }

  /// This host refused to send the SYN of `id`.
  public mutating func sendFailed(_ id: ProbeID, _ failure: SendFailure) {
    finish(id, .blocked(failure))
  }

  /// The SYN of `id` was dropped in this host's egress, before a queue that had room.
  public mutating func filteredInEgress(_ id: ProbeID) {
    table.update(id) { $0.cause = .egressFilter }
    finish(id, .lost(.egress))
  }

  /// Ends every probe of these series that still waits as `cancelled`.
  public mutating func cancel(_ series: Set<SeriesID>) {
    for id in series.flatMap({ histories[$0]?.unfinished ?? [] }).sorted() { finish(id, .cancelled) }
  }

  /// Forgets what `series` was about; its probes must have ended.
  public mutating func end(_ series: SeriesID) {
    histories[series] = nil
  }
}
