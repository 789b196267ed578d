internal import HTTPTypes
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypes
internal import NIOHTTPTypesHTTP1
internal import SynWire

/// A connection that is served: the parser, the guard, and Hummingbird's handling of requests behind them.
struct ServiceChannel: ServerChildChannel, HTTPChannelHandler {
  struct Value: ServerChildChannelValue {
    let parts: NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>
    let connection: Connection

    var channel: any Channel { parts.channel }
  }

  let responder: HTTPChannelHandler.Responder
  let state: ServiceState

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    channel.eventLoop.makeCompletedFuture {
      let connection = Connection(client: IPAddress(channel.remoteAddress))
      let pipeline = channel.pipeline.syncOperations
      let watch = LeaveWatch(connection)
      try pipeline.addHandler(watch)
      if state.isSecure {
        let refusal = PlainRequestRefusal { problem in
          state.log.refused(problem, client: connection.client)
          state.metrics.refused(problem)
        }
        try pipeline.addHandler(refusal, position: .first)
      }
      var limits = NIOHTTPDecoderLimitConfiguration()
      // Somewhat more than what is accepted, so that the guard can say which bound it is.
      limits.maxHeaderFieldSize = 4 * RequestRules.largestHeaders
      limits.maxHeaderListSize = 4 * RequestRules.largestHeaders
      limits.maxHeaderFieldCount = 4 * RequestRules.mostHeaders
      try pipeline.configureHTTPServerPipeline(
        withPipeliningAssistance: false, withErrorHandling: false, withOutboundHeaderValidation: false,
        withEncoderConfiguration: .init(), withDecoderLimitConfiguration: limits)
      try pipeline.addHandler(makeGuard(connection, watch, channel))
      try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: state.isSecure))
      let parts = try NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>(
        wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
      return Value(parts: parts, connection: connection)
    }
  }

  private func makeGuard(_ connection: Connection, _ watch: LeaveWatch, _ channel: any Channel) -> ConnectionGuard {
    let state = state
    let client = connection.client
    let hasRoom = state.connections.opened(by: client, state.rules.configuration.limits)
    channel.closeFuture.whenComplete { _ in state.connections.closed(by: client) }
    let refusal =
      hasRoom ? nil : Problem(.overloaded, "too many connections are open", retryAfter: .seconds(1))
    return ConnectionGuard(
      rules: { RequestRules(hosts: state.rules.hosts) }, refusal: refusal, dropInput: { watch.dropInput() }
    ) { problem in
      state.log.refused(problem, client: client)
      state.metrics.refused(problem)
    }
  }

  func handle(value: Value, logger: Logger) async {
    await withTaskExecutorPreference(LoopExecutor(value.channel.eventLoop)) {
      await Connection.$current.withValue(value.connection) {
        await handleHTTP(asyncChannel: value.parts, logger: logger)
      }
    }
  }
}
