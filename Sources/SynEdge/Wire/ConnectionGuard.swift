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

  /// Requests of one connection; the last one's answer closes it.
  private static let mostRequests = 100_000

  private enum Phase {
    case awaitingHead
    case receiving(HTTPRequestHead, ByteBuffer)
    /// A route owes the answer.
    case answering
    /// The last answer is written; what still comes in is dropped.
    case closing
  }

  private let rules: @Sendable () -> RequestRules
  private let onRefusal: @Sendable (Problem) -> Void
  /// Why no request of this connection is served.
  private let refusal: Problem?
  /// What comes in from now on is not to be parsed: it has lost its meaning.
  private let dropInput: () -> Void
  private var phase = Phase.awaitingHead
  private let deadline = ConnectionDeadline()
  private let writeDeadline = ConnectionDeadline()
  private var waiting: [HTTPServerRequestPart] = []
  private var hasParserError = false
  private var hasInputEnded = false
  private var holdsRead = false
  private var isLastRequest = false
  private var requests = 0
  private var pendingWrites = 0
  private var lastWrite: EventLoopFuture<Void>?

  /// Begins; with a `refusal` every request is answered by it.
  init(
    rules: @escaping @Sendable () -> RequestRules, refusal: Problem?, dropInput: @escaping () -> Void,
    onRefusal: @escaping @Sendable (Problem) -> Void
  ) {
    self.rules = rules
    self.refusal = refusal
    self.dropInput = dropInput
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
    let isParsers = error is HTTPParserError || error is ByteToMessageDecoderError
    guard isParsers else {
      context.close(promise: nil)  // The connection, or its encryption, has failed: there is nobody to tell.
      return
    }
    dropInput()
    switch phase {
    case .answering: hasParserError = true
    case .closing: break
    case .awaitingHead, .receiving:
      let unknown = Problem(.badRequest, "the bytes are not a request of HTTP/1.1")
      refuse((error as? HTTPParserError).map { Problem(parserError: $0) } ?? unknown, context)
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
    hasInputEnded = true
    switch phase {
    case .answering: break
    case .receiving: context.close(promise: nil)
    case .awaitingHead, .closing: closeWhenWritten(context)
    }
  }

  private func quiesce(_ context: ChannelHandlerContext) {
    switch phase {
    case .awaitingHead: closeWhenWritten(context)
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
    // The parser stops at it, for another protocol would begin; none does here.
    if head.headers.contains(name: "upgrade") {
      isLastRequest = true
      dropInput()
    }
    phase = .receiving(head, ByteBuffer())
    arm(Patience.body, context)
    if RequestRules.expectsContinue(head) {
      let interim = HTTPResponseHead(version: .http1_1, status: .continue)
      context.writeAndFlush(wrapOutboundOut(.head(interim)), promise: nil)
    }
  }

  private func forward(_ head: HTTPRequestHead, _ body: ByteBuffer, _ context: ChannelHandlerContext) {
    phase = .answering
    deadline.disarm()
    context.fireChannelRead(wrapInboundOut(.head(head)))
    if body.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(.body(body))) }
    context.fireChannelRead(wrapInboundOut(.end(nil)))
    context.fireChannelReadComplete()
  }

  // MARK: What goes out

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    var part = unwrapOutboundIn(data)
    if case .head(var head) = part, isLast, head.status.code >= 200 {
      head.headers.replaceOrAdd(name: "Connection", value: "close")
      part = .head(head)
    }
    let written = promise ?? context.eventLoop.makePromise()
    watch(written.futureResult, context)
    context.write(wrapOutboundOut(part), promise: written)
    guard case .end = part, case .answering = phase else { return }
    if isLast {
      close(after: written.futureResult, context)
    } else {
      phase = .awaitingHead
      takeWaiting(context)
    }
  }

  /// Whether the answer that is owed is the connection's last one.
  private var isLast: Bool { isLastRequest || hasInputEnded && waiting.isEmpty }

  /// Pipelined requests follow in their order.
  private func takeWaiting(_ context: ChannelHandlerContext) {
    while !waiting.isEmpty {
      if case .answering = phase { return }
      take(waiting.removeFirst(), context)
    }
    guard case .awaitingHead = phase else { return }
    if hasParserError {
      return refuse(Problem(.badRequest, "what follows the request is not a request of HTTP/1.1"), context)
    }
    if hasInputEnded { return closeWhenWritten(context) }
    if holdsRead {
      holdsRead = false
      context.read()
    }
  }

  /// A client that does not take what is written to it is left.
  private func watch(_ written: EventLoopFuture<Void>, _ context: ChannelHandlerContext) {
    pendingWrites += 1
    lastWrite = written
    if pendingWrites == 1 { armWrite(context) }
    written.assumeIsolated().whenComplete { _ in
      self.pendingWrites -= 1
      if self.pendingWrites > 0 { self.armWrite(context) } else { self.wroteAll(context) }
    }
  }

  private func armWrite(_ context: ChannelHandlerContext) {
    writeDeadline.arm(Patience.write, on: context.eventLoop) { context.close(promise: nil) }
  }

  /// Only now does the client owe the next head.
  private func wroteAll(_ context: ChannelHandlerContext) {
    writeDeadline.disarm()
    lastWrite = nil
    if case .awaitingHead = phase { arm(Patience.head, context) }
  }

  private func refuse(_ problem: Problem, to method: HTTPMethod = .GET, _ context: ChannelHandlerContext) {
    if case .closing = phase { return }
    onRefusal(problem)
    phase = .closing
    let body = ByteBuffer(string: problem.body)
    var head = HTTPResponseHead(
      version: .http1_1,
      status: .init(statusCode: problem.kind.status.code, reasonPhrase: problem.kind.status.reasonPhrase))
    for (name, value) in problem.headers + SecurityHeaders.all { head.headers.add(name: name, value: value) }
    head.headers.add(name: "Content-Length", value: "\(body.readableBytes)")
    head.headers.add(name: "Connection", value: "close")
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if method != .HEAD { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
    let written = context.eventLoop.makePromise(of: Void.self)
    watch(written.futureResult, context)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
    close(after: written.futureResult, context)
  }

  /// Closes the own side, and the connection when the client has done the same or its time is up: closing at once would
  /// reset it, and the client might lose the answer.
  private func close(after written: EventLoopFuture<Void>, _ context: ChannelHandlerContext) {
    phase = .closing
    waiting = []
    dropInput()
    deadline.disarm()
    written.assumeIsolated().whenComplete { _ in
      self.arm(Patience.linger, context)
      context.close(mode: .output, promise: nil)
      context.read()
    }
  }

  /// Closes the connection, after what is still to be written.
  private func closeWhenWritten(_ context: ChannelHandlerContext) {
    if let lastWrite {
      lastWrite.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
    } else {
      context.close(promise: nil)
    }
  }

  // MARK: Time

  private func arm(_ time: TimeAmount, _ context: ChannelHandlerContext) {
    deadline.arm(time, on: context.eventLoop) { self.expired(context) }
  }

  private func expired(_ context: ChannelHandlerContext) {
    switch phase {
    case .receiving(let head, _):
      refuse(Problem(.requestTimeout, "the body did not come within 10 s"), to: head.method, context)
    case .awaitingHead, .answering, .closing: context.close(promise: nil)
    }
  }
}
