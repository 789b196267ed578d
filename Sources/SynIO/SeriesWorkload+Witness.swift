internal import SynCore
internal import SynSystem

/// Beside a series that listens for the target's repetitions, two witnesses a second: probes whose answer this host neither
/// takes nor refuses, so that the target repeats it after its timer, if it repeats anything at all.
///
/// A listening socket that lets nothing in keeps the kernel from its RST; it is let go before the target's first
/// repetition, which then meets the RST: a witness leaves nothing at the target for longer than any lost RST does.
extension SeriesWorkload {
  private static let witnessInterval = Duration.milliseconds(500)

  mutating func startWitness(of id: SeriesID) {
    guard let active = series[id], transport.connector == nil else { return }
    let handler = active.handler
    guard transport.options.sourcePorts.fixedPort == nil else { return handler(.witness(.none(.fixedPort))) }
    series[id]?.witness = id.witness
    let plan = SeriesPlan(
      target: active.plan.target, count: nil, interval: SeriesWorkload.witnessInterval, timeout: active.plan.timeout,
      hopLimit: active.plan.hopLimit)
    start(id.witness, plan) { event in
      if let seen = ProbeWitness(event) { handler(.witness(seen)) }
    }
  }

  /// Submits the next witness, from a port of its own; false where there is none.
  mutating func submitWitness(of active: ActiveSeries, at now: MonotonicInstant) -> Bool {
    letGo(of: active.id)
    guard let port = transport.takeHeldPort(for: active.plan.target) else {
      active.handler(.witness(.none(.noPort)))
      return false
    }
    active.heldPorts.append(port)
    if let sequence = active.schedule.take(at: now) { submit(sequence, of: active, from: port) }
    return true
  }

  /// Lets the kernel refuse again what comes to the witnesses' ports.
  mutating func letGo(of id: SeriesID) {
    for port in series[id]?.heldPorts ?? [] { transport.reservations.letGo(port) }
    series[id]?.heldPorts.removeAll()
  }
}

extension ProbeWitness {
  /// What an event of a series of witnesses tells; nil for what tells nothing.
  fileprivate init?(_ event: ProbeEvent) {
    switch event {
    case .probe(let result) where result.outcome.isAnswer: self = .answered(result.submitted)
    case .probe(let result) where result.outcome.kind == .lost: self = .unanswered(result.submitted)
    case .report(let report) where report.kind == .retransmissions:
      guard let delay = report.delay else { return nil }
      self = .repeated(after: delay)
    case .witness(let refusal): self = refusal
    default: return nil
    }
  }
}
