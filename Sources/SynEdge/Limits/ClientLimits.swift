package import SynCore
package import SynWire
internal import Synchronization

/// What each client may ask for: so many requests a second, so many distinct targets a minute.
///
/// A client is an address, and of IPv6 its /64, since a host has all of those.
package final class ClientLimits: Sendable {
  private struct Client {
    var requests: TokenBucket
    var targets: TargetBudget

    init(_ limits: ServiceLimits, at now: MonotonicInstant) {
      let rate = Double(limits.requestsPerSecond)
      requests = TokenBucket(rate: rate, burst: 2 * rate, at: now)
      targets = TargetBudget(most: limits.targetsPerMinute, window: .seconds(60), at: now)
    }

    /// Begins anew with what a reload has changed.
    mutating func follow(_ limits: ServiceLimits, at now: MonotonicInstant) {
      if requests.rate != Double(limits.requestsPerSecond) { requests = Client(limits, at: now).requests }
      if targets.most != limits.targetsPerMinute { targets = Client(limits, at: now).targets }
    }
  }

  private let clients = Mutex(
    BoundedTable<AddressPrefix, Client>(most: 10_000, shared: AddressPrefix(IPAddress(v4: 0))))

  package init() {}

  /// Why a request is refused for now.
  package struct Refusal: Error, Equatable {
    package let reason: String
    package let retryAfter: Duration
  }

  /// Counts a request.
  /// - Throws: `Refusal` when the client has asked for too much.
  package func request(from address: IPAddress, _ limits: ServiceLimits, at now: MonotonicInstant) throws(Refusal) {
    guard limits.concerns(address) else { return }
    let wait = with(address, limits, now) { $0.requests.take(at: now) }
    if let wait {
      throw Refusal(reason: "more than \(limits.requestsPerSecond) requests a second", retryAfter: wait)
    }
  }

  /// Counts a target.
  /// - Throws: `Refusal` when the client has asked for too many distinct ones.
  package func target(
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
      clients.update(
        AddressPrefix(containing: address, length: address.family == .v4 ? 32 : 64) ?? AddressPrefix(address),
        fresh: Client(limits, at: now), isAsNew: { $0.requests.isFull(at: now) && $0.targets.isOver(at: now) }
      ) { client in
        client.follow(limits, at: now)
        return body(&client)
      }
    }
  }
}
