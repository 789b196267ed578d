internal import SynCore

/// How probes are sent.
package enum ProbeMode: Sendable {
  /// SYN segments on a raw socket, with a capture; needs CAP_NET_RAW.
  case syn
  /// The kernel's own connect(2); needs no privilege, and has no stamps but the kernel's round trip.
  case connect

  /// What the loop must be able to raise while it runs: for captures on devices that come later, for sockets with
  /// options that only a privileged process may set, and for further source ports below 1024.
  func capabilities(for options: RawSocketOptions) -> Privilege.Set {
    switch self {
    case .syn:
      options.sourcePorts.needsPrivilege && options.sourcePorts.fixedPort == nil ? [.netRaw, .bindService] : .netRaw
    case .connect: options.privileges
    }
  }
}

extension RawSocketOptions {
  /// The capabilities that a TCP socket with these options needs.
  var privileges: Privilege.Set {
    var needed: Privilege.Set = []
    if mark != 0 { needed.formUnion([.netAdmin, .netRaw]) }
    if interface != nil { needed.insert(.netRaw) }  // SO_BINDTODEVICE, before Linux 5.7.
    if sourcePorts.needsPrivilege { needed.insert(.bindService) }
    return needed
  }
}
