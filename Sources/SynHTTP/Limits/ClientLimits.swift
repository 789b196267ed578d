internal import SynCore
internal import SynWire
internal import Synchronization

/// What each client may ask for: so many requests a second, so many distinct targets a minute.
///
/// A client is an address, and of IPv6 its /64, since a host has all of those. Memory is bounded: when too many clients
/// are known, those who have asked for nothing lately are forgotten, and while there is no room the newcomers share one.
final class ClientLimits: Sendable {
  private struct Client {
    var requests: TokenBucket
    var targets: TargetBudget
  }

  private static let mostClients = 10_000
  private static let window = Duration.seconds(60)
  private let clients = Mutex<[AddressPrefix: Client]>([:])

  /// Why a request is refused for now.
  struct Refusal: Error, Equatable {
    let reason: String
    let retryAfter: Duration
  }

  /// Counts a request.
  /// - Throws: `Refusal` when the client has asked for too much.
  func request(from address: IPAddress, _ limits: ServiceLimits, at now: MonotonicInstant) throws(Refusal) {
    guard limits.concerns(address) else { return }
    let wait = with(address, limits, now) { $0.requests.take(at: now) }
    if let wait {
      throw Refusal(reason: "more than \(limits.requestsPerSecond) requests a second", retryAfter: wait)
    }
  }

  /// Counts a target.
  /// - Throws: `Refusal` when the client has asked for too many distinct ones.
  func target(
    _ target: Endpoint, from address: IPAddress, _ limits: ServiceLimits, at now: MonotonicInstant
  ) throws(Refusal) {
    guard limits.concerns(address) else { return }
    let wait = with(address, limits, now) { $0.targets.take(target, at: now) }
    if let wait {
      throw Refusal(reason: "more than \(limits.targetsPerMinute) distinct targets a minute", retryAfter: wait)
    }
  }

  private func with(
    _ address: IPAddress, _ limits: ServiceLimits, _ now: MonotonicInstant, _ body: (inout Client) -> Duration?
  ) -> Duration? {
    clients.withLock { clients in
      var key = AddressPrefix(containing: address, length: address.family == .v4 ? 32 : 64) ?? AddressPrefix(address)
      if clients[key] == nil, clients.count >= ClientLimits.mostClients {
        clients = clients.filter { !$0.value.requests.isFull(at: now) || !$0.value.targets.isOver(at: now) }
        if clients.count >= ClientLimits.mostClients { key = AddressPrefix(IPAddress(v4: 0)) }
      }
      let fresh = Client(
        requests: TokenBucket(
          rate: Double(limits.requestsPerSecond), burst: Double(2 * limits.requestsPerSecond), at: now),
        targets: TargetBudget(most: limits.targetsPerMinute, window: ClientLimits.window, at: now))
      var client = clients[key] ?? fresh
      // A reload may have changed the limits.
      if client.requests.rate != fresh.requests.rate { client.requests = fresh.requests }
      if client.targets.most != fresh.targets.most { client.targets = fresh.targets }
      defer { clients[key] = client }
      return body(&client)
    }
  }
}
