internal import SynWire

/// Every probe that an answer may still belong to, in flight or ended a while ago, found by what an answer carries.
struct InFlightTable {
  /// What a SYN-ACK or RST to a probe carries: works behind address translation, which changes neither.
  private struct AnswerKey: Hashable {
    let localPort: UInt16
    let acknowledgement: SequenceNumber
  }

  /// The probe's four-tuple, but for this host's address.
  private struct PathKey: Hashable {
    let localPort: UInt16
    let target: Endpoint
  }

  private var probes = ProbeStore<InFlightProbe>()
  private var remembered = ProbeStore<EndedProbe>()
  private var byAnswer: [AnswerKey: ProbeID] = [:]
  private var byPath: [PathKey: ProbeID] = [:]

  /// A probe in flight.
  subscript(id: ProbeID) -> InFlightProbe? { probes[id] }

  /// A probe that has ended, while it is remembered.
  func ended(_ id: ProbeID) -> EndedProbe? { remembered[id] }

  /// Changes what is remembered of a probe.
  mutating func updateEnded(_ id: ProbeID, _ change: (inout EndedProbe) -> Void) {
    remembered.update(id, change)
  }

  /// Takes a probe out of flight; what tells further answers to it apart stays remembered.
  mutating func end(_ id: ProbeID, isLost: Bool) -> InFlightProbe? {
    guard let probe = probes[id] else { return nil }
    probes[id] = nil
    remembered[id] = EndedProbe(probe, isLost: isLost)
    return probe
  }

  /// Changes the probe in place; nothing happens when it is forgotten.
  mutating func update(_ id: ProbeID, _ change: (inout InFlightProbe) -> Void) {
    probes.update(id, change)
  }

  /// Adds a probe; false when another one that is remembered expects the very same answer.
  mutating func insert(_ probe: InFlightProbe) -> Bool {
    if let identity = probe.identity {
      guard byAnswer[key(of: identity)] == nil else { return false }
      byAnswer[key(of: identity)] = probe.id
      byPath[path(of: identity, to: probe.request.target)] = probe.id
    }
    probes[probe.id] = probe
    return true
  }

  /// Forgets a probe that has ended.
  mutating func forget(_ id: ProbeID) {
    guard let probe = remembered[id] else { return }
    remembered[id] = nil
    guard let identity = probe.identity else { return }
    byAnswer[key(of: identity)] = nil
    let path = path(of: identity, to: probe.target)
    if byPath[path] == id { byPath[path] = nil }
  }

  /// The probe that a segment to `localPort` with this acknowledgement answers.
  func probe(answeredAt localPort: UInt16, with acknowledgement: SequenceNumber) -> ProbeID? {
    byAnswer[AnswerKey(localPort: localPort, acknowledgement: acknowledgement)]
  }

  /// The probe whose SYN left `localPort` with this sequence number.
  func probe(from localPort: UInt16, with initialSequence: SequenceNumber) -> ProbeID? {
    probe(answeredAt: localPort, with: initialSequence.advanced(by: 1))
  }

  /// The newest probe from `localPort` to `target`.
  func probe(from localPort: UInt16, to target: Endpoint) -> ProbeID? {
    byPath[PathKey(localPort: localPort, target: target.unzoned)]
  }

  /// A SYN-ACK to the probe acknowledges the sequence number after its own (RFC 9293 section 3.10.7.3).
  private func key(of identity: ProbeIdentity) -> AnswerKey {
    AnswerKey(localPort: identity.localPort, acknowledgement: identity.initialSequence.advanced(by: 1))
  }

  private func path(of identity: ProbeIdentity, to target: Endpoint) -> PathKey {
    PathKey(localPort: identity.localPort, target: target.unzoned)
  }
}
