internal import NIOCore

extension ConnectionGuard {
  /// How long each part of an exchange may take.
  enum Patience {
    /// From the connection's begin, or the last answer, to a whole head.
    static let head = TimeAmount.seconds(10)
    /// From the head to the end of the body.
    static let body = TimeAmount.seconds(10)
    /// For the client to take what is written to it.
    static let write = TimeAmount.seconds(10)
    /// For the client to see the last answer and close its side.
    static let linger = TimeAmount.seconds(1)
    /// A connection that is one too many has less.
    static let excess = TimeAmount.seconds(2)
  }
}
