package import SynWire
internal import Synchronization

/// Counts the connections that are open, in all and of each client.
package final class ConnectionCounter: Sendable {
  private struct Counts {
    var all = 0
    var clients: [IPAddress: Int] = [:]
  }

  private let counts = Mutex(Counts())

  package init() {}

  /// How many are open.
  package var open: Int { counts.withLock { $0.all } }

  /// Counts a new connection; false when there are too many, and it is to be answered so.
  package func opened(by client: IPAddress?, _ limits: ServiceLimits) -> Bool {
    counts.withLock { counts in
      counts.all += 1
      guard let client else { return counts.all <= limits.connections }
      counts.clients[client, default: 0] += 1
      let most = limits.concerns(client) ? limits.connectionsPerClient : limits.connections
      return counts.all <= limits.connections && counts.clients[client, default: 0] <= most
    }
  }

  /// Forgets a connection that was counted.
  package func closed(by client: IPAddress?) {
    counts.withLock { counts in
      counts.all -= 1
      guard let client, let count = counts.clients[client] else { return }
      counts.clients[client] = count > 1 ? count - 1 : nil
    }
  }
}
