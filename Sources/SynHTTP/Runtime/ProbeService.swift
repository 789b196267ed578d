internal import Glibc
internal import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
internal import NIOCore
internal import ServiceLifecycle
package import SynEdge
internal import SynProbe
internal import SynSystem
internal import SynWire

/// The HTTP service, from a configuration to its end.
package struct ProbeService: Sendable {
  private static let gracefulTime = Duration.seconds(3)

  private let source: ConfigurationSource
  private let configuration: ServiceConfiguration
  private let rules: ServiceRules
  private let certificates: Certificates?

  /// Reads and checks the configuration, and all files that it names.
  /// - Throws: `ConfigurationError`.
  package init(_ source: ConfigurationSource) throws(ConfigurationError) {
    self.source = source
    configuration = try source.read()
    rules = try ServiceRules(configuration)
    certificates = try Certificates.load(configuration).map { Certificates($0) }
  }

  /// Variables of the environment that look like settings and are none.
  package var unknownVariables: [String] { source.unknownVariables }

  /// Whether this host's kernel is to be asked why it drops what is lost.
  package var tellsWhy: Bool { configuration.tellsWhy }

  /// Where it will listen.
  package var address: String { "\(configuration.listen)" }

  /// The file that monitors are kept in, once it is open.
  package struct State: Sendable {
    fileprivate let file: StateFile?
    fileprivate let failure: StateFile.Failure?
  }

  /// Opens the state file, where there is to be one; the calling thread must still hold its capabilities.
  package func openState() -> State {
    guard let path = configuration.stateFile else { return State(file: nil, failure: nil) }
    do throws(StateFile.Failure) { return State(file: try StateFile(path), failure: nil) } catch {
      return State(file: nil, failure: error)
    }
  }

  /// The store of an open state file; none where it cannot be used, which is said.
  private func store(_ state: State, _ log: ServiceLog) -> MonitorStore? {
    var failure = state.failure
    if let file = state.file {
      do throws(StateFile.Failure) { return try MonitorStore(file, log) } catch { failure = error }
    }
    if let failure {
      log.say(
        "error", "state file not used",
        ("message", "\(failure.description); the service goes on, and keeps nothing over a restart"))
    }
    return nil
  }

  /// Serves until SIGTERM or SIGINT.
  /// - Throws: `ListenError` when the address cannot be listened at, `SystemError` when a thread cannot be started.
  package func run(_ probers: Probers, _ state: State, _ signals: SignalSource, version: String) async throws {
    let log = try ServiceLog()
    // libdispatch opens its own descriptors at the first wait, and ends the process where it cannot: before anyone connects.
    try? await Task.sleep(for: .milliseconds(1))
    let store = store(state, log)
    let parts = ServiceParts(
      rules, certificates: certificates, probers: probers, log: log, store: store, version: version)
    defer { parts.log.close() }
    parts.metrics.reloaded(isGood: true, at: Reload.seconds)
    let group = ServiceGroup(configuration: groupConfiguration(try application(parts), parts.log))
    try ServiceSignals(slots: parts.leases.slots, log: parts.log, reload: { [source] in parts.reload(source) }) {
      parts.streams.end()
      parts.monitors.end()
      Task { await group.triggerGracefulShutdown() }
    }.start(signals)
    do {
      try await group.run()
    } catch let error as IOError {
      throw ListenError(address: address, errno: error.errnoCode)
    }
    await store?.close()
    parts.log.say("info", "ended")
  }

  private func groupConfiguration(
    _ application: some ApplicationProtocol, _ log: ServiceLog
  ) -> ServiceGroupConfiguration {
    var configuration = ServiceGroupConfiguration(services: [application], logger: log.logger)
    configuration.maximumGracefulShutdownDuration = ProbeService.gracefulTime
    return configuration
  }

  private func application(_ parts: ServiceParts) throws -> some ApplicationProtocol {
    let listen = configuration.listen
    let edge = parts.edge
    let plain = HTTPServerBuilder { responder in ServiceChannel(responder: responder, edge: edge) }
    return Application(
      router: RouteTable(parts).router(parts),
      server: try certificates.map { try .tls(plain, tlsConfiguration: $0.tlsConfiguration) } ?? plain,
      configuration: ApplicationConfiguration(
        address: .hostname("\(listen.address)", port: Int(listen.port)), backlog: 1024,
        availableConnectionsDelegate: AcceptLimit(edge)),
      onServerRunning: { channel in await listening(channel, parts) },
      logger: parts.log.logger)
  }

  private func listening(_ channel: any Channel, _ parts: ServiceParts) async {
    // The rules may have been read anew by now.
    parts.monitors.start { parts.rules.now.configuration.monitors }
    try? await channel.eventLoop.submit {
      try channel.pipeline.syncOperations.addHandler(
        AcceptErrors { errno in
          let reason = String(cString: strerror(errno))
          parts.log.say(
            "error", "accept",
            ("message", "cannot accept a connection: \(reason); it waits, and is tried again each 100 ms"))
        }, position: .first)
    }.get()
    if let reason = parts.probers.fallbackReason {
      parts.log.say("warning", "probing by connect(2)", ("message", "\(reason)"))
    }
    for name in source.unknownVariables {
      parts.log.say("warning", "unknown variable", ("name", name))
    }
    let scheme = parts.isSecure ? "https" : "http"
    parts.log.say(
      "info", "listening", ("url", "\(scheme)://\(configuration.listen)"),
      ("mode", parts.probers.fallbackReason == nil ? "syn" : "connect"))
  }
}

/// Why the service cannot listen.
package struct ListenError: Error {
  /// Where it was to listen.
  package let address: String
  /// Why not.
  package let errno: Int32
}
