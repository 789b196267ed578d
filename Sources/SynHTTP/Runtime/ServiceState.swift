internal import SynCore
internal import SynProbe
internal import SynSystem
internal import SynWire
internal import Synchronization

/// All that the requests of the service share.
final class ServiceState: Sendable {
  /// What a reload replaces, as one; a class, for each request takes it several times.
  final class Rules: Sendable {
    let configuration: ServiceConfiguration
    let policy: TargetPolicy
    let hosts: HostRule
    let tokens: TokenList?

    /// - Throws: `ConfigurationError` for a token file that cannot be read.
    init(_ configuration: ServiceConfiguration) throws(ConfigurationError) {
      self.configuration = configuration
      policy = TargetPolicy(allowed: configuration.allowed, denied: configuration.denied)
      hosts = HostRule(configuration.hosts)
      tokens = try configuration.tokenFile.map { file throws(ConfigurationError) in
        do throws(ConfigurationError) { return try TokenList(file: file) } catch {
          throw ConfigurationError(Setting.tokenFile.rawValue, error.description)
        }
      }
    }
  }

  private let current: Mutex<Rules>
  let version: String
  let log: ServiceLog
  let probers: Probers
  let certificates: Certificates?
  let surroundings: HostSurroundings
  let connections = ConnectionCounter()
  let clients = ClientLimits()
  let budget = ProbeBudget()
  let slots = ProbeSlots()
  let lookups = NameLookups()
  let metrics = ServiceMetrics()

  init(_ rules: Rules, certificates: Certificates?, probers: Probers, log: ServiceLog, version: String) {
    current = Mutex(rules)
    self.certificates = certificates
    self.probers = probers
    self.log = log
    self.version = version
    surroundings = HostSurroundings(listen: rules.configuration.listen, at: SystemClock.now())
  }

  /// What holds for a request that begins now.
  var rules: Rules { current.withLock { $0 } }

  /// What holds from now on.
  func replace(_ rules: Rules) { current.withLock { $0 = rules } }

  /// Whether clients speak TLS.
  var isSecure: Bool { certificates != nil }
}
