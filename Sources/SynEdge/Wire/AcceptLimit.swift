internal import HummingbirdCore

/// Connections beyond the limit are accepted only to be told so, and of those no more than some; then they must wait.
package struct AcceptLimit: AvailableConnectionsDelegate {
  private static let excess = 256

  package let edge: Edge
  private var open = 0

  package init(_ edge: Edge) {
    self.edge = edge
  }

  package mutating func connectionOpened() { open += 1 }
  package mutating func connectionClosed() { open -= 1 }

  package func isAcceptingNewConnections() -> Bool {
    open < edge.limits().connections + AcceptLimit.excess
  }
}
