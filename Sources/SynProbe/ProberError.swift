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

  /// What gives a program the capability, a line each.
  public static let remedies = [
    "run it as root",
    "setcap cap_net_raw+p $(command -v synprobe)",
    "containers: --cap-add NET_RAW",
    "Kubernetes: securityContext: {capabilities: {add: [NET_RAW]}}",
  ]

  init(_ error: SynIOError) {
    switch error {
    case _ where error.isMissingCapability: code = .notPermitted
    case .unsupportedLink: code = .unsupportedLink
    default: code = .systemRefused
    }
    message = error.description
  }
}

extension ProberError: CustomStringConvertible {
  /// The message.
  public var description: String { message }
}
