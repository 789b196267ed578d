public import SynEdge
public import SynWire

/// What the service does, from all sources: options over the environment over the configuration file over the defaults.
public struct ServiceConfiguration: Sendable {
  /// Where it listens.
  public var listen = Endpoint(address: IPAddress(v4: 0x7f00_0001), port: 9115)
  /// Which targets are allowed; nil for all, on loopback; an empty list for none.
  public var allowed: [TargetRule]?
  /// Which targets are denied, whatever is allowed.
  public var denied: [TargetRule] = []
  /// Whether targets may be names.
  public var resolvesNames = false
  /// The file with the bearer tokens.
  public var tokenFile: String?
  /// The certificate chain, PEM; with it the service speaks TLS only.
  public var certificateFile: String?
  /// Its private key, PEM.
  public var keyFile: String?
  /// The names that it answers to beside addresses and `localhost`.
  public var hosts: [String] = []
  /// Whether each request is logged.
  public var logsRequests = true
  /// Whether this host's kernel is asked why it drops what is lost; not by a later reading of the files.
  public var tellsWhy = false
  /// Its bounds.
  public var limits = ServiceLimits()
  /// The modules of `/probe`.
  public var modules = SeriesParameters.builtInModules
  /// The file that monitors are kept in over a restart; not by a later reading of the files.
  public var stateFile: String?
  /// The monitors that it has without being asked, by their names.
  private(set) var monitors: [String: MonitorDefinition] = [:]

  /// Joins the layers, the strongest first.
  /// - Throws: `ConfigurationError` for settings that do not go together, or are not safe together.
  public init(_ layers: [ConfigurationLayer]) throws(ConfigurationError) {
    for layer in layers.reversed() { apply(layer) }
    // What nobody wrote is not in the way of what somebody did.
    for name in modules.keys where layers.allSatisfy({ $0.modules[name] == nil }) { modules[name]?.fit(limits) }
    guard (certificateFile == nil) == (keyFile == nil) else {
      throw ConfigurationError("a TLS certificate and its key go together: --tls-cert and --tls-key")
    }
    try checkModules()
    for section in layers.flatMap(\.monitors) { monitors[section.id] = try section.definition(limits) }
    guard monitors.count <= Monitors.most else {
      throw ConfigurationError("monitors", "\(monitors.count) are more than \(Monitors.most), the most at once")
    }
    try checkExposure()
  }

  private mutating func apply(_ layer: ConfigurationLayer) {
    if let value = layer.listen { listen = value }
    if let value = layer.allowed { allowed = value }
    if let value = layer.denied { denied = value }
    if let value = layer.resolvesNames { resolvesNames = value }
    if let value = layer.tokenFile { tokenFile = value }
    if let value = layer.certificateFile { certificateFile = value }
    if let value = layer.keyFile { keyFile = value }
    if let value = layer.hosts { hosts = value }
    if let value = layer.logsRequests { logsRequests = value }
    if let value = layer.tellsWhy { tellsWhy = value }
    if let value = layer.stateFile { stateFile = value }
    if let value = layer.limits { limits = value }
    modules.merge(layer.modules) { _, new in new }
  }

  /// A module is bound by the same limits as a request.
  private func checkModules() throws(ConfigurationError) {
    for (name, module) in modules.sorted(by: { $0.key < $1.key }) {
      do throws(Problem) { try module.check(limits) } catch {
        throw ConfigurationError("modules.\(name)", error.detail)
      }
    }
  }

  /// Whoever reaches the service can make this host send packets: beyond this host, only by name and to what is named.
  private func checkExposure() throws(ConfigurationError) {
    let hasNoRule = allowed?.isEmpty ?? true
    guard !listen.address.isLoopback, hasNoRule || tokenFile == nil else { return }
    let missing = [
      hasNoRule ? "--allow CIDR (which targets may be probed)" : nil,
      tokenFile == nil ? "--token-file FILE (who may ask)" : nil,
    ].compactMap { $0 }.joined(separator: " and ")
    throw ConfigurationError(
      "refusing to listen on \(listen), beyond loopback, without \(missing): anyone who reaches it could make this host"
        + " probe any target")
  }
}
