/// The TCP options that a SYN carries.
public enum SynOptions: Hashable, Sendable, Codable {
  /// Those of a Linux client: MSS, SACK permitted, timestamps, window scale.
  case client
  /// MSS alone.
  case mss
  /// None: the smallest SYN, of 40 bytes over IPv4.
  case none

  /// Bytes that they take in the header.
  public var length: Int {
    switch self {
    case .client: 20
    case .mss: 4
    case .none: 0
    }
  }
}
