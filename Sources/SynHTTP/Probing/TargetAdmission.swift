internal import SynCore
internal import SynEdge
internal import SynProbe
internal import SynSystem
internal import SynWire

/// From a target as it was written to the one address that may be probed.
struct TargetAdmission: Sendable {
  let rules: CurrentRules
  let surroundings: HostSurroundings
  let lookups: NameLookups
  let clients: ClientLimits

  /// What was decided on: resolved once, checked, and pinned for the whole request.
  struct Admitted: Sendable {
    let endpoint: Endpoint
    /// How long the name took; zero for an address.
    let resolving: Duration
  }

  /// - Throws: `Problem` for a target that is denied, has no address, or is one too many.
  func admit(_ target: TargetParameter, _ context: ServiceContext) async throws(Problem) -> Admitted {
    try await admit(target.target, target.name, context)
  }

  /// The same for a target whose time is bounded.
  func admit(
    _ target: Target, _ parameter: String, _ context: ServiceContext, within time: Duration? = nil
  ) async throws(Problem) -> Admitted {
    try await admit(target, parameter, for: context.connection?.client, notes: context.notes, within: time)
  }

  /// The same for whomever it is, or for nobody: a target of the service's own.
  func admit(
    _ target: Target, _ parameter: String, for client: IPAddress?, notes: RequestNotes?, within time: Duration?
  ) async throws(Problem) -> Admitted {
    notes?.note { $0.target = target.input }
    let began = SystemClock.now()
    let rules = rules.now
    let addresses = try await addresses(of: target, parameter, rules, client, notes, within: time)
    let resolved = SystemClock.now()
    let surroundings = self.surroundings.current(at: resolved)
    for address in addresses {
      do throws(TargetPolicy.Denial) {
        try rules.policy.check(Endpoint(address: address, port: target.port), surroundings)
      } catch {
        throw denial("\(Endpoint(address: address, port: target.port)) is denied: \(error.reason)", parameter, notes)
      }
    }
    let endpoint = Endpoint(address: addresses[0], port: target.port)
    try spend(endpoint, rules.configuration.limits, client)
    notes?.note {
      $0.decision = "allowed"
      $0.address = "\(endpoint)"
    }
    if case .address = target.host { return Admitted(endpoint: endpoint, resolving: .zero) }
    return Admitted(endpoint: endpoint, resolving: resolved.since(began))
  }

  /// Those of an address' ports that may be probed, whoever asks.
  func permitted(_ ports: [UInt16], of address: IPAddress) -> [UInt16] {
    let policy = rules.now.policy
    let surroundings = self.surroundings.current(at: SystemClock.now())
    return ports.filter { (try? policy.check(Endpoint(address: address, port: $0), surroundings)) != nil }
  }

  private func addresses(
    of target: Target, _ parameter: String, _ rules: ServiceRules, _ client: IPAddress?, _ notes: RequestNotes?,
    within time: Duration?
  ) async throws(Problem) -> [IPAddress] {
    switch target.host {
    case .address(let address): return [address]
    case .name(let name):
      guard rules.configuration.resolvesNames else {
        throw denial("'\(name.escaped)' is a name, and names are off here: give an IP address", parameter, notes)
      }
      return try await lookups.addresses(of: name, for: client, within: time)
    }
  }

  private func denial(_ reason: String, _ parameter: String, _ notes: RequestNotes?) -> Problem {
    notes?.note { $0.decision = "denied" }
    return Problem(.targetDenied, "\(reason); nothing was sent", parameter: parameter)
  }

  private func spend(_ endpoint: Endpoint, _ limits: ServiceLimits, _ client: IPAddress?) throws(Problem) {
    guard let client else { return }
    do throws(ClientLimits.Refusal) {
      try clients.target(endpoint, from: client, limits, at: SystemClock.now())
    } catch {
      throw Problem(.rateLimited, "this client has asked for \(error.reason)", retryAfter: error.retryAfter)
    }
  }
}
