internal import NIOCore
internal import NIOPosix
internal import NIOSSL
package import SynWire

/// One question over TLS, for a check whether a service is alive.
package enum SecureExchange {
  private static let longest = 4096

  /// The first line of the answer to `request`; what came of it when the time is up or the connection closed.
  ///
  /// The certificate is not looked at: whether it is the right one is not what is asked, and it is not this host's name
  /// that it is for.
  /// - Throws: An error of the connection or of TLS.
  package static func firstLine(
    from endpoint: Endpoint, asking request: [UInt8], within time: Duration
  ) async throws -> [UInt8] {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.certificateVerification = .none
    let context = try NIOSSLContext(configuration: configuration)
    let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .connectTimeout(TimeAmount(time))
      .connect(host: "\(endpoint.address)", port: Int(endpoint.port)) { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: context, serverHostname: nil))
          return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    let timer = channel.channel.eventLoop.scheduleTask(in: TimeAmount(time)) { channel.channel.close(promise: nil) }
    defer { timer.cancel() }
    return try await channel.executeThenClose { inbound, outbound in
      try await outbound.write(ByteBuffer(bytes: request))
      var answer: [UInt8] = []
      for try await bytes in inbound {
        answer += bytes.readableBytesView
        if answer.contains(0x0a) || answer.count > longest { break }
      }
      return Array(answer.prefix { $0 != 0x0a && $0 != 0x0d })
    }
  }
}
