internal import NIOCore

/// Answers a client that speaks plain HTTP to a port that speaks TLS, in words that it understands, and closes.
///
/// It stands before TLS and leaves with the first bytes.
final class PlainRequestRefusal: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let report: @Sendable (Problem) -> Void
  private var hasRefused = false

  init(_ report: @escaping @Sendable (Problem) -> Void) {
    self.report = report
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !hasRefused else { return }
    let bytes = unwrapInboundIn(data)
    guard PlainRequestRefusal.isPlain(bytes) else {
      context.fireChannelRead(data)
      context.pipeline.syncOperations.removeHandler(self, promise: nil)
      return
    }
    hasRefused = true
    let problem = Problem(
      .badRequest, "this port speaks TLS, and this is plain HTTP: write https:// in place of http://")
    report(problem)
    let body = problem.body
    let head =
      "HTTP/1.1 400 Bad Request\r\nContent-Type: application/problem+json\r\nContent-Length: \(body.utf8.count)\r\n"
      + "Connection: close\r\n\r\n"
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: head + body))).assumeIsolated().whenComplete { _ in
      context.close(promise: nil)
    }
  }

  /// Whether the first bytes are a method of HTTP; those of TLS are a record's (RFC 8446 section 5.1).
  private static func isPlain(_ bytes: ByteBuffer) -> Bool {
    let first = bytes.readableBytesView.prefix(3)
    return first.count == 3 && first.allSatisfy { (0x41...0x5a).contains($0) }
  }
}
