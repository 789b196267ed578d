internal import HTTPTypes
internal import NIOCore
internal import NIOHTTP1

/// Keeps a connection within its bounds: a request reaches the routes whole and in time, or not at all.
///
/// Between the parser and the routes, on the connection's event loop. What is wrong with a request before a route can
/// see it is answered here, and the connection is then closed: after its bytes have lost their meaning, so have those
/// behind them.
final class ConnectionGuard: ChannelDuplexHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

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

  /// Requests of one connection; the last one's answer closes it.
  private static let mostRequests = 100_000

  enum Phase {
    case awaitingHead
    case receiving(HTTPRequestHead, ByteBuffer)
    /// A route owes the answer.
    case answering
    /// The last answer is written; what still comes in is dropped.
    case closing
  }

  let rules: @Sendable () -> RequestRules
  let onRefusal: @Sendable (Problem) -> Void
  /// Why no request of this connection is served.
  private let refusal: Problem?
  var phase = Phase.awaitingHead
  private let deadline = ConnectionDeadline()
  private let writeDeadline = ConnectionDeadline()
  private var waiting: [HTTPServerRequestPart] = []
  private var hasParserError = false
  private var holdsRead = false
  private var isLastRequest = false
  private var requests = 0
  private var pendingWrites = 0

  /// Begins; with a `refusal` every request is answered by it.
  init(
    rules: @escaping @Sendable () -> RequestRules, refusal: Problem?, onRefusal: @escaping @Sendable (Problem) -> Void
  ) {
    self.rules = rules
    self.refusal = refusal
    self.onRefusal = onRefusal
  }

  func handlerAdded(context: ChannelHandlerContext) {
    arm(refusal == nil ? Patience.head : Patience.excess, context)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    deadline.stop()
    writeDeadline.stop()
  }

  func channelInactive(context: ChannelHandlerContext) {
    deadline.stop()
    writeDeadline.stop()
    context.fireChannelInactive()
  }

  // MARK: What comes in

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let part = unwrapInboundIn(data)
    if case .answering = phase {
      waiting.append(part)
    } else {
      take(part, context)
    }
  }

  /// While an answer is owed, no more is read ahead than has come with its request.
  func read(context: ChannelHandlerContext) {
    if case .answering = phase, !waiting.isEmpty {
      holdsRead = true
    } else {
      context.read()
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? HTTPParserError else {
      context.close(promise: nil)  // The connection, or its encryption, has failed: there is nobody to tell.
      return
    }
    if case .answering = phase {
      hasParserError = true
    } else {
      refuse(Problem(parserError: error), context)
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case let event as ChannelEvent where event == .inputClosed: inputClosed(context)
    case is ChannelShouldQuiesceEvent: quiesce(context)
    default: context.fireUserInboundEventTriggered(event)
    }
  }

  private func inputClosed(_ context: ChannelHandlerContext) {
    switch phase {
    case .answering: isLastRequest = true
    case .awaitingHead, .receiving, .closing: context.close(promise: nil)
    }
  }

  private func quiesce(_ context: ChannelHandlerContext) {
    switch phase {
    case .awaitingHead: context.close(promise: nil)
    case .receiving, .answering: isLastRequest = true
    case .closing: break
    }
  }

  private func take(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
    switch (part, phase) {
    case (.head(let head), .awaitingHead): begin(head, context)
    case (.body(let bytes), .receiving(let head, var body)):
      guard body.readableBytes + bytes.readableBytes <= RequestRules.largestBody else {
        return refuse(Problem(.bodyTooLarge, "the body is larger than 64 KiB"), to: head.method, context)
      }
      body.writeImmutableBuffer(bytes)
      phase = .receiving(head, body)
    case (.end, .receiving(let head, let body)): forward(head, body, context)
    default: break
    }
  }

  private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    var head = head
    if let refusal { return refuse(refusal, to: head.method, context) }
    do throws(Problem) {
      try rules().check(&head)
    } catch {
      return refuse(error, to: head.method, context)
    }
    requests += 1
    isLastRequest = isLastRequest || !head.isKeepAlive || head.version.minor == 0 || requests >= Self.mostRequests
    phase = .receiving(head, ByteBuffer())
    arm(Patience.body, context)
    if head.headers["expect"].contains(where: { $0.lowercased() == "100-continue" }) {
      let interim = HTTPResponseHead(version: .http1_1, status: .continue)
      context.writeAndFlush(wrapOutboundOut(.head(interim)), promise: nil)
    }
  }

  private func forward(_ head: HTTPRequestHead, _ body: ByteBuffer, _ context: ChannelHandlerContext) {
    phase = .answering
    disarm()
    context.fireChannelRead(wrapInboundOut(.head(head)))
    if body.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(.body(body))) }
    context.fireChannelRead(wrapInboundOut(.end(nil)))
    context.fireChannelReadComplete()
  }

  // MARK: What goes out

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    var part = unwrapOutboundIn(data)
    if case .head(var head) = part, isLastRequest, head.status.code >= 200 {
      head.headers.replaceOrAdd(name: "Connection", value: "close")
      part = .head(head)
    }
    let written = promise ?? context.eventLoop.makePromise()
    watch(written.futureResult, context)
    context.write(wrapOutboundOut(part), promise: written)
    guard case .end = part, case .answering = phase else { return }
    if isLastRequest {
      close(after: written.futureResult, context)
    } else {
      phase = .awaitingHead
      arm(Patience.head, context)
      takeWaiting(context)
    }
  }

  /// Pipelined requests follow in their order.
  private func takeWaiting(_ context: ChannelHandlerContext) {
    while !waiting.isEmpty {
      if case .answering = phase { return }
      take(waiting.removeFirst(), context)
    }
    if hasParserError, case .awaitingHead = phase {
      return refuse(Problem(.badRequest, "what follows the request is not a request of HTTP/1.1"), context)
    }
    if holdsRead {
      holdsRead = false
      context.read()
    }
  }

  /// A client that does not take what is written to it is left.
  private func watch(_ written: EventLoopFuture<Void>, _ context: ChannelHandlerContext) {
    pendingWrites += 1
    if pendingWrites == 1 { armWrite(context) }
    written.assumeIsolated().whenComplete { _ in
      self.pendingWrites -= 1
      if self.pendingWrites > 0 { self.armWrite(context) } else { self.writeDeadline.disarm() }
    }
  }

  private func armWrite(_ context: ChannelHandlerContext) {
    writeDeadline.arm(Patience.write, on: context.eventLoop) { context.close(promise: nil) }
  }

  func refuse(_ problem: Problem, to method: HTTPMethod = .GET, _ context: ChannelHandlerContext) {
    if case .closing = phase { return }
    onRefusal(problem)
    phase = .closing
    let body = ByteBuffer(string: problem.body)
    var head = HTTPResponseHead(
      version: .http1_1,
      status: .init(statusCode: problem.kind.status.code, reasonPhrase: problem.kind.status.reasonPhrase))
    for (name, value) in problem.headers + RequestLog.securityHeaders { head.headers.add(name: name, value: value) }
    head.headers.add(name: "Content-Length", value: "\(body.readableBytes)")
    head.headers.add(name: "Connection", value: "close")
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if method != .HEAD { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
    let written = context.eventLoop.makePromise(of: Void.self)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
    close(after: written.futureResult, context)
  }

  /// Closes the own side, and the connection when the client has done the same or its time is up: closing at once would
  /// reset it, and the client might lose the answer.
  private func close(after written: EventLoopFuture<Void>, _ context: ChannelHandlerContext) {
    phase = .closing
    waiting = []
    arm(Patience.linger, context)
    written.assumeIsolated().whenComplete { _ in
      context.close(mode: .output, promise: nil)
      context.read()
    }
  }

  // MARK: Time

  private func arm(_ time: TimeAmount, _ context: ChannelHandlerContext) {
    deadline.arm(time, on: context.eventLoop) { self.expired(context) }
  }

  private func disarm() { deadline.disarm() }

  private func expired(_ context: ChannelHandlerContext) {
    switch phase {
    case .receiving(let head, _):
      refuse(Problem(.requestTimeout, "the body did not come within 10 s"), to: head.method, context)
    case .awaitingHead, .answering, .closing: context.close(promise: nil)
    }
  }
}
