/// Why probing is not possible.
public struct ProberError: Error, Hashable, Sendable, Codable {
  /// The kinds of error; new ones may be added.
  public struct Code: Hashable, Sendable, Codable {
    private enum Kind: Codable { case notPermitted, systemRefused, unsupportedLink }
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

  /// Joins the fields.
  package init(_ code: Code, _ message: String, remedies: [String]) {
    self.code = code
    self.message = message
    self.remedies = remedies
  }
}

extension ProberError: CustomStringConvertible {
  /// The message.
  public var description: String { message }
}
