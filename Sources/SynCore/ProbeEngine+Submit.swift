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
    guard accept(id, request, as: identity, at: now) else { throw .identityInUse }
    emit(
      .transmit(
        SynSpecification(
          id: id, series: request.series, target: request.target, identity: identity, hopLimit: request.hopLimit,
          shape: request.shape)))
    return id
  }

  /// Remembers a probe and starts its timeout; false when its identity is in use.
  @discardableResult
  mutating func accept(
    _ id: ProbeID, _ request: ProbeRequest, as identity: ProbeIdentity?, at now: MonotonicInstant
  ) -> Bool {
    guard table.insert(id, request, as: identity, at: now) else { return false }
    counters.attempted += 1
    histories.provide(request.series) { $0.submitted(id, request.sequence) }
    deadlines.add(id, at: now, wait: request.timeout)
    return true
  }

  /// This host refused to send the SYN of `id`.
  public mutating func sendFailed(_ id: ProbeID, _ failure: SendFailure) {
    finish(id, .blocked(failure))
  }

  /// The SYN of `id` was dropped in this host's egress, before a queue that had room.
  public mutating func filteredInEgress(_ id: ProbeID) {
    table.noteRare(id) { $0.cause = .egressFilter }
    finish(id, .lost(.egress))
  }

  /// Ends every probe of these series that still waits as `cancelled`.
  public mutating func cancel(_ series: Set<SeriesID>) {
    for id in series.flatMap({ histories[$0]?.unfinished ?? [] }).sorted() { finish(id, .cancelled) }
  }

  /// Forgets what `series` was about; its probes must have ended.
  public mutating func end(_ series: SeriesID) {
    histories.remove(series)
  }
}
