internal import SynCore
internal import SynSystem

extension ProbeMode {
  /// What the loop must be able to raise while it runs: for captures on devices that come later, for sockets with
  /// options that only a privileged process may set, and for further source ports below 1024.
  func capabilities(for options: ProberConfiguration) -> Privilege.Set {
    switch self {
    case .syn:
      options.sourcePorts.needsPrivilege && options.sourcePorts.fixedPort == nil ? [.netRaw, .bindService] : .netRaw
    case .connect: options.privileges
    }
  }
}

extension ProberConfiguration {
  /// The capabilities that a TCP socket with these options needs.
  var privileges: Privilege.Set {
    var needed: Privilege.Set = []
    if mark != 0 { needed.formUnion([.netAdmin, .netRaw]) }
    if interface != nil { needed.insert(.netRaw) }  // SO_BINDTODEVICE, before Linux 5.7.
    if sourcePorts.needsPrivilege { needed.insert(.bindService) }
    return needed
  }
}
