internal import HummingbirdCore

/// Connections beyond the limit are accepted only to be told so, and of those no more than some; then they must wait.
struct AcceptLimit: AvailableConnectionsDelegate {
  private static let excess = 256

  let state: ServiceState
  private var open = 0

  init(_ state: ServiceState) {
    self.state = state
  }

  mutating func connectionOpened() { open += 1 }
  mutating func connectionClosed() { open -= 1 }

  func isAcceptingNewConnections() -> Bool {
    open < state.rules.configuration.limits.connections + AcceptLimit.excess
  }
}
