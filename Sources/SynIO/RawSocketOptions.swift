package import SynWire

/// How every SYN of a prober leaves; each absent choice is the kernel's.
package struct RawSocketOptions: Sendable, Equatable {
  /// Time to live, or hop limit, 1 to 255.
  package var hopLimit: UInt8?
  /// The TOS octet, or traffic class: differentiated services code point and ECN.
  package var trafficClass: UInt8?
  /// Firewall mark (SO_MARK), for policy routing; 0 for none.
  package var mark: UInt32 = 0
  /// Device that packets must leave by.
  package var interface: String?
  /// Source address, for targets of its family.
  package var source: IPAddress?
  /// Which source ports.
  package var sourcePorts = SourcePorts.rotating
  /// TCP options of the SYN.
  package var options = SynOptions.client
  /// Receive window of the SYN.
  package var window = RawSocketOptions.clientWindow

  /// What a Linux client announces over Ethernet.
  package static let clientWindow: UInt16 = 64_240

  /// The kernel's choices.
  package init() {}
}

/// The TCP options that a SYN carries.
package enum SynOptions: Sendable {
  /// Those of a Linux client: MSS, SACK permitted, timestamps, window scale.
  case client
  /// MSS alone.
  case mss
  /// None.
  case none
}

/// Which source ports probes leave from, each reserved from the kernel.
package enum SourcePorts: Sendable, Equatable {
  /// A pool above the kernel's automatic ports, in turn.
  case rotating
  /// This one, which keeps one path through load balancers.
  case fixed(UInt16)
  /// This one and each next probe the next that is free, up to a thousand of them, then from the first again; in mode
  /// `connect`, where each attempt is the kernel's own, as `rotating`.
  case counting(from: UInt16)

  /// The one port, where there is only one.
  var fixedPort: UInt16? {
    guard case .fixed(let port) = self else { return nil }
    return port
  }

  /// Whether further ports below 1024 are to be reserved while probes are sent.
  var countsPrivileged: Bool {
    guard case .counting(let first) = self else { return false }
    return first < 1024
  }

  /// The lowest of them, where it is chosen.
  var lowest: UInt16? {
    switch self {
    case .rotating: nil
    case .fixed(let port), .counting(let port): port
    }
  }
}
