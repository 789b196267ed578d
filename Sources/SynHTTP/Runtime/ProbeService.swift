internal import Glibc
internal import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
internal import NIOCore
internal import ServiceLifecycle
internal import SynProbe
internal import SynSystem
internal import SynWire

/// The HTTP service, from a configuration to its end.
package struct ProbeService: Sendable {
  private static let gracefulTime = Duration.seconds(3)

  private let source: ConfigurationSource
  private let configuration: ServiceConfiguration
  private let rules: ServiceState.Rules
  private let certificates: Certificates?

  /// Reads and checks the configuration, and all files that it names.
  /// - Throws: `ConfigurationError`.
  package init(_ source: ConfigurationSource) throws(ConfigurationError) {
    self.source = source
    configuration = try source.read()
    rules = try ServiceState.Rules(configuration)
    certificates = try Certificates.load(configuration).map { Certificates($0) }
  }

  /// Variables of the environment that look like settings and are none.
  package var unknownVariables: [String] { source.unknownVariables }

  /// Where it will listen.
  package var address: String { "\(configuration.listen)" }

  /// Serves until SIGTERM or SIGINT.
  /// - Throws: `ListenError` when the address cannot be listened at, `SystemError` when a thread cannot be started.
  package func run(_ probers: Probers, _ signals: SignalSource, version: String) async throws {
    let state = ServiceState(
      rules, certificates: certificates, probers: probers, log: try ServiceLog(), version: version)
    defer { state.log.close() }
    state.metrics.reloaded(isGood: true, at: ServiceState.seconds)
    let group = ServiceGroup(configuration: groupConfiguration(try application(state), state))
    try ServiceSignals(state: state, reload: { [source] in state.reload(source) }) {
      Task { await group.triggerGracefulShutdown() }
    }.start(signals)
    do {
      try await group.run()
    } catch let error as IOError {
      throw ListenError(address: address, errno: error.errnoCode)
    }
    state.log.say("info", "ended")
  }

  private func groupConfiguration(
    _ application: some ApplicationProtocol, _ state: ServiceState
  ) -> ServiceGroupConfiguration {
    var configuration = ServiceGroupConfiguration(services: [application], logger: state.log.logger)
    configuration.maximumGracefulShutdownDuration = ProbeService.gracefulTime
    return configuration
  }

  private func application(_ state: ServiceState) throws -> some ApplicationProtocol {
    let listen = configuration.listen
    let plain = HTTPServerBuilder { responder in ServiceChannel(responder: responder, state: state) }
    return Application(
      router: RouteTable(state).router(state),
      server: try certificates.map { try .tls(plain, tlsConfiguration: $0.tlsConfiguration) } ?? plain,
      configuration: ApplicationConfiguration(
        address: .hostname("\(listen.address)", port: Int(listen.port)), backlog: 1024,
        availableConnectionsDelegate: AcceptLimit(state)),
      onServerRunning: { channel in await listening(channel, state) },
      logger: state.log.logger)
  }

  private func listening(_ channel: any Channel, _ state: ServiceState) async {
    try? await channel.eventLoop.submit {
      try channel.pipeline.syncOperations.addHandler(
        AcceptErrors { errno in
          let reason = String(cString: strerror(errno))
          state.log.say(
            "error", "accept",
            ("message", "cannot accept a connection: \(reason); it waits, and is tried again in 100 ms"))
        }, position: .first)
    }.get()
    if let reason = state.probers.fallbackReason {
      state.log.say("warning", "probing by connect(2)", ("message", "\(reason)"))
    }
    for name in source.unknownVariables {
      state.log.say("warning", "unknown variable", ("name", name))
    }
    let scheme = state.isSecure ? "https" : "http"
    state.log.say(
      "info", "listening", ("url", "\(scheme)://\(configuration.listen)"),
      ("mode", state.probers.fallbackReason == nil ? "syn" : "connect"))
  }
}

/// Why the service cannot listen.
package struct ListenError: Error {
  /// Where it was to listen.
  package let address: String
  /// Why not.
  package let errno: Int32
}
