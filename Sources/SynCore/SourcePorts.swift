/// Which source ports probes leave from, each reserved from the kernel.
public enum SourcePorts: Hashable, Sendable {
  /// A pool above the kernel's automatic ports, in turn.
  case rotating
  /// This one, which keeps one path through load balancers.
  case fixed(UInt16)
  /// This one and each next probe the next that is free, up to a thousand of them, then from the first again; in mode
  /// `connect`, where each attempt is the kernel's own, as `rotating`.
  case counting(from: UInt16)

  /// Ports below this need a privilege (CAP_NET_BIND_SERVICE).
  package static let firstUnprivileged: UInt16 = 1024

  /// The one port, where there is only one.
  public var fixedPort: UInt16? {
    guard case .fixed(let port) = self else { return nil }
    return port
  }

  /// Whether a privilege is needed for one of them: not for those of the pool.
  package var needsPrivilege: Bool {
    switch self {
    case .rotating: false
    case .fixed(let port), .counting(let port): port < SourcePorts.firstUnprivileged
    }
  }
}
