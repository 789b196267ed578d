package import NIOCore
package import SynWire
internal import Synchronization

/// What is known of a client's connection while its requests are answered.
package final class Connection: Sendable {
  /// The connection whose request is being answered in this task.
  @TaskLocal static var current: Connection?

  /// The client's address; nil for one that is neither IPv4 nor IPv6.
  package let client: IPAddress?
  private let leave = Mutex(Leave())

  private struct Leave {
    var hasLeft = false
    var nextToken = 0
    var handlers: [Int: @Sendable () -> Void] = [:]
  }

  package init(client: IPAddress?) {
    self.client = client
  }

  /// Whether the client has closed its side, or the connection is gone.
  package var hasLeft: Bool { leave.withLock { $0.hasLeft } }

  /// Runs `body` when the client leaves, at once when it has left; the token takes it back.
  package func onLeave(_ body: @escaping @Sendable () -> Void) -> Int {
    let (token, isGone) = leave.withLock { leave in
      leave.nextToken += 1
      if !leave.hasLeft { leave.handlers[leave.nextToken] = body }
      return (leave.nextToken, leave.hasLeft)
    }
    if isGone { body() }
    return token
  }

  /// Takes a handler back.
  package func forget(_ token: Int) {
    leave.withLock { _ = $0.handlers.removeValue(forKey: token) }
  }

  /// The client has left.
  package func left() {
    let handlers = leave.withLock { leave in
      defer { leave.handlers = [:] }
      leave.hasLeft = true
      return leave.handlers
    }
    for body in handlers.values { body() }
  }
}

extension IPAddress {
  /// The address of a peer; an IPv4-mapped one of a socket for both families is the IPv4 address that it stands for.
  package init?(_ address: SocketAddress?) {
    guard let text = address?.ipAddress, let address = IPAddress(text) else { return nil }
    let isMapped = address.family == .v6 && address.bits >> 32 == 0xffff
    self = isMapped ? IPAddress(v4: UInt32(truncatingIfNeeded: address.bits)) : address
  }
}

/// Tells a connection that its client has left: as soon as its bytes end, whatever is still being answered.
///
/// It stands before the parser, for what is behind it may hold an end back until the answer is written.
package final class LeaveWatch: ChannelInboundHandler {
  package typealias InboundIn = NIOAny
  private let connection: Connection
  private var dropsInput = false

  package init(_ connection: Connection) {
    self.connection = connection
  }

  /// What comes in from now on goes no further; that it ends is still seen.
  package func dropInput() { dropsInput = true }

  package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if !dropsInput { context.fireChannelRead(data) }
  }

  package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if let event = event as? ChannelEvent, event == .inputClosed { connection.left() }
    context.fireUserInboundEventTriggered(event)
  }

  package func channelInactive(context: ChannelHandlerContext) {
    connection.left()
    context.fireChannelInactive()
  }

  package func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if error is IOError { connection.left() }
    context.fireErrorCaught(error)
  }
}
