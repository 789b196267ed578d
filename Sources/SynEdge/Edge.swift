package import SynWire

/// What the edge asks of the service behind it: what holds now, and whom to tell of what it refused by itself.
package struct Edge: Sendable {
  /// Whether clients speak TLS.
  let isSecure: Bool
  let connections: ConnectionCounter
  /// The bounds and the names that hold for what begins now.
  let limits: @Sendable () -> ServiceLimits
  let hosts: @Sendable () -> HostRule
  /// Paths that take a POST alone.
  let postOnly: Set<String>
  let refused: @Sendable (Problem, IPAddress?) -> Void

  /// Joins the fields.
  package init(
    isSecure: Bool, connections: ConnectionCounter, limits: @escaping @Sendable () -> ServiceLimits,
    hosts: @escaping @Sendable () -> HostRule,
    postOnly: Set<String>, refused: @escaping @Sendable (Problem, IPAddress?) -> Void
  ) {
    self.isSecure = isSecure
    self.connections = connections
    self.limits = limits
    self.hosts = hosts
    self.postOnly = postOnly
    self.refused = refused
  }
}
