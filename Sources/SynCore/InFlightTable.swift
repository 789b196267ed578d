internal import SynWire

/// Every probe that an answer may still belong to, in flight or ended a while ago, found by what an answer carries.
struct InFlightTable {
  private var probes = ProbeStore<InFlightProbe>()
  private var findings = Slab(vacant: ProbeFindings())
  private var requests = SharedRequests()
  private var remembered = ProbeStore<EndedProbe>()
  /// By what a SYN-ACK or RST to a probe carries, which address translation does not change.
  private var byAnswer: [UInt64: ProbeID] = [:]
  /// The newest by its four-tuple, but for this host's address.
  private var byPath: [UInt64: ProbeID] = [:]
  private static let nothing = ProbeFindings()

  /// A probe in flight.
  subscript(id: ProbeID) -> InFlightProbe? { probes[id] }

  /// Whether a probe has been taken and has not ended.
  func isInFlight(_ id: ProbeID) -> Bool { probes.contains(id) }

  /// What came of a probe in flight.
  subscript(findings probe: InFlightProbe) -> ProbeFindings { probe.findings.map { findings[$0] } ?? Self.nothing }

  /// What a probe was asked in common with others, by the place that it names.
  subscript(common place: UInt32) -> ProbeRequest { requests[place] }

  /// All that a probe was asked.
  func request(of probe: InFlightProbe) -> ProbeRequest {
    var request = requests[probe.common]
    request.sequence = probe.sequence
    request.hopLimit = probe.hopLimit
    request.repeats = probe.repeats
    return request
  }

  /// A probe that has ended, while it is remembered.
  func ended(_ id: ProbeID) -> EndedProbe? { remembered[id] }

  /// Changes what is remembered of a probe.
  mutating func updateEnded(_ id: ProbeID, _ change: (inout EndedProbe) -> Void) {
    remembered.update(id, change)
  }

  /// Takes a probe out of flight; what tells further answers to it apart stays remembered.
  mutating func end(_ id: ProbeID, isLost: Bool) -> (probe: InFlightProbe, findings: ProbeFindings)? {
    guard let probe = probes[id] else { return nil }
    let found = self[findings: probe]
    if let place = probe.findings { findings.remove(place) }
    probes[id] = nil
    remembered[id] = EndedProbe(probe, found, isLost: isLost)
    return (probe, found)
  }

  /// Changes the probe in place; nothing happens when it is not in flight.
  mutating func update(_ id: ProbeID, _ change: (inout InFlightProbe) -> Void) {
    probes.update(id, change)
  }

  /// Changes what is known to have come of the probe; nothing happens when it is not in flight.
  mutating func note(_ id: ProbeID, _ change: (inout ProbeFindings) -> Void) {
    guard let probe = probes[id] else { return }
    if let place = probe.findings { return findings.update(place, change) }
    var first = ProbeFindings()
    change(&first)
    let place = findings.insert(first)
    probes.update(id) { $0.findings = place }
  }

  /// Changes what comes seldom of a probe; nothing happens when it is not in flight.
  mutating func noteRare(_ id: ProbeID, _ change: (inout RareFindings) -> Void) {
    note(id) { $0.changeRare(change) }
  }

  /// Adds a probe; false when another one that is remembered expects the very same answer.
  mutating func insert(
    _ id: ProbeID, _ request: ProbeRequest, as identity: ProbeIdentity?, at now: MonotonicInstant
  ) -> Bool {
    if let identity {
      guard byAnswer[key(of: identity)] == nil else { return false }
      byAnswer[key(of: identity)] = id
    }
    let common = requests.take(request)
    if let identity, let path = path(from: identity.localPort, to: request.target) { byPath[path] = id }
    probes[id] = InFlightProbe(id, request, common: common, as: identity, at: now)
    return true
  }

  /// Forgets a probe that has ended.
  mutating func forget(_ id: ProbeID) {
    guard let probe = remembered[id] else { return }
    remembered[id] = nil
    if let identity = probe.identity {
      byAnswer[key(of: identity)] = nil
      if let path = path(from: identity.localPort, to: requests[probe.common].target), byPath[path] == id {
        byPath[path] = nil
      }
    }
    requests.release(probe.common)
  }

  /// The probe that a segment to `localPort` with this acknowledgement answers.
  func probe(answeredAt localPort: UInt16, with acknowledgement: SequenceNumber) -> ProbeID? {
    byAnswer[key(localPort, acknowledgement)]
  }

  /// The probe whose SYN left `localPort` with this sequence number.
  func probe(from localPort: UInt16, with initialSequence: SequenceNumber) -> ProbeID? {
    probe(answeredAt: localPort, with: initialSequence.advanced(by: 1))
  }

  /// The newest probe from `localPort` to `target`.
  func probe(from localPort: UInt16, to target: Endpoint) -> ProbeID? {
    path(from: localPort, to: target).flatMap { byPath[$0] }
  }

  /// A SYN-ACK to the probe acknowledges the sequence number after its own (RFC 9293 section 3.10.7.3).
  private func key(of identity: ProbeIdentity) -> UInt64 {
    key(identity.localPort, identity.initialSequence.advanced(by: 1))
  }

  /// A plain number is what a dictionary finds soonest.
  private func key(_ localPort: UInt16, _ acknowledgement: SequenceNumber) -> UInt64 {
    UInt64(localPort) << 32 | UInt64(acknowledgement.rawValue)
  }

  /// Nil for a target that no probe is about.
  private func path(from localPort: UInt16, to target: Endpoint) -> UInt64? {
    requests.number(of: target.unzoned).map { UInt64(localPort) << 32 | UInt64($0) }
  }
}
