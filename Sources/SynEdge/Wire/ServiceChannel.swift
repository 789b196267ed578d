internal import HTTPTypes
package import HummingbirdCore
package import Logging
package import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypes
internal import NIOHTTPTypesHTTP1
internal import SynWire

/// A connection that is served: the parser, the guard, and Hummingbird's handling of requests behind them.
package struct ServiceChannel: ServerChildChannel, HTTPChannelHandler {
  package struct Value: ServerChildChannelValue {
    let parts: NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>
    let connection: Connection

    package var channel: any Channel { parts.channel }
  }

  package let responder: HTTPChannelHandler.Responder
  let edge: Edge

  /// Joins the fields.
  package init(responder: @escaping HTTPChannelHandler.Responder, edge: Edge) {
    self.responder = responder
    self.edge = edge
  }

  package func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    channel.eventLoop.makeCompletedFuture {
      let connection = Connection(client: IPAddress(channel.remoteAddress))
      let pipeline = channel.pipeline.syncOperations
      let watch = LeaveWatch(connection)
      try pipeline.addHandler(watch)
      if edge.isSecure {
        let refusal = PlainRequestRefusal { problem in
          edge.refused(problem, connection.client)
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
      try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: edge.isSecure))
      let parts = try NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>(
        wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
      return Value(parts: parts, connection: connection)
    }
  }

  private func makeGuard(_ connection: Connection, _ watch: LeaveWatch, _ channel: any Channel) -> ConnectionGuard {
    let edge = edge
    let client = connection.client
    let hasRoom = edge.connections.opened(by: client, edge.limits())
    channel.closeFuture.whenComplete { _ in edge.connections.closed(by: client) }
    let refusal =
      hasRoom ? nil : Problem(.overloaded, "too many connections are open", retryAfter: .seconds(1))
    return ConnectionGuard(
      rules: { RequestRules(hosts: edge.hosts(), postOnly: edge.postOnly) }, refusal: refusal,
      dropInput: { watch.dropInput() }
    ) { problem in
      edge.refused(problem, client)
    }
  }

  package func handle(value: Value, logger: Logger) async {
    await withTaskExecutorPreference(LoopExecutor(value.channel.eventLoop)) {
      await Connection.$current.withValue(value.connection) {
        await handleHTTP(asyncChannel: value.parts, logger: logger)
      }
    }
  }
}
