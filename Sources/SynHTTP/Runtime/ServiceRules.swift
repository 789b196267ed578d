internal import SynEdge
internal import Synchronization

/// What a reload replaces, as one; a class, for each request takes it several times.
final class ServiceRules: Sendable {
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

  var limits: ServiceLimits { configuration.limits }
}

/// The rules that hold now.
final class CurrentRules: Sendable {
  private let current: Mutex<ServiceRules>

  init(_ rules: ServiceRules) { current = Mutex(rules) }

  /// What holds for a request that begins now.
  var now: ServiceRules { current.withLock { $0 } }

  /// What holds from now on.
  func replace(with rules: ServiceRules) { current.withLock { $0 = rules } }
}
