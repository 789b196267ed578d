package import SynCore
package import SynSystem

extension ProberError {
  /// What the error means for the permission that is missing.
  private static func hint(_ error: SystemError) -> String {
    if error.refusesPacketSocketAlone { return " (raw sockets are allowed: AF_PACKET alone is refused)" }
    guard error.isMissingCapability else { return "" }
    return Privilege.permitted.contains(.netRaw)
      ? " (CAP_NET_RAW is held, and refused all the same)" : " (CAP_NET_RAW is missing)"
  }

  /// What gives a program the capability.
  private static let capabilityRemedies = [
    "run it as root",
    "setcap cap_net_raw+p $(command -v synprobe)",
    "containers: --cap-add NET_RAW",
    "Kubernetes: securityContext: {capabilities: {add: [NET_RAW]}}",
  ]

  /// What helps a program that holds the capability, and may not use it.
  private static let filterRemedies = [
    "a seccomp profile that allows raw sockets, as Docker's default one does",
    "in a user namespace: a network namespace that it owns (unshare -Urn), or none of the two",
    "or measure without it: --mode connect",
  ]

  /// What lets a program with the capability open packet sockets too.
  private static let packetSocketRemedies = [
    "systemd: RestrictAddressFamilies= must list AF_PACKET beside AF_INET, AF_INET6 and AF_NETLINK",
    "containers: a seccomp profile that allows socket(AF_PACKET), as Docker's default one does",
    "or measure without it: --mode connect",
  ]

  /// What an error of the system means to whoever wants to probe.
  package init(_ error: SystemError) {
    let isHeld = Privilege.permitted.contains(.netRaw)
    let remedies =
      if error.refusesPacketSocketAlone { ProberError.packetSocketRemedies } else {
        isHeld ? ProberError.filterRemedies : ProberError.capabilityRemedies
      }
    let code: Code =
      switch error {
      case _ where error.isMissingCapability: .notPermitted
      case .unsupportedLink: .unsupportedLink
      default: .systemRefused
      }
    self.init(code, error.description + ProberError.hint(error), remedies: remedies)
  }
}
