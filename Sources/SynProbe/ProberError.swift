internal import SynIO

/// Why probing is not possible.
public struct ProberError: Error, Hashable, Sendable {
  /// The kinds of error; new ones may be added.
  public struct Code: Hashable, Sendable {
    private enum Kind { case notPermitted, systemRefused, unsupportedLink }
    private let kind: Kind

    /// CAP_NET_RAW is missing.
    public static var notPermitted: Code { Code(kind: .notPermitted) }
    /// The operating system refused for another reason.
    public static var systemRefused: Code { Code(kind: .systemRefused) }
    /// The device frames its packets in a way that is not understood.
    public static var unsupportedLink: Code { Code(kind: .unsupportedLink) }
  }

  /// Which kind of error this is.
  public let code: Code
  /// One sentence: what happened, to what.
  public let message: String

  /// For `.notPermitted`: what helps, a line each.
  public let remedies: [String]

  /// What the error means for the permission that is missing.
  private static func hint(_ error: SynIOError) -> String {
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

  init(_ error: SynIOError) {
    let isHeld = Privilege.permitted.contains(.netRaw)
    remedies =
      if error.refusesPacketSocketAlone { ProberError.packetSocketRemedies } else {
        isHeld ? ProberError.filterRemedies : ProberError.capabilityRemedies
      }
    switch error {
    case _ where error.isMissingCapability: code = .notPermitted
    case .unsupportedLink: code = .unsupportedLink
    default: code = .systemRefused
    }
    message = error.description + ProberError.hint(error)
  }
}

extension ProberError: CustomStringConvertible {
  /// The message.
  public var description: String { message }
}
