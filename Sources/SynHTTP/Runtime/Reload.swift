internal import SynCore
internal import SynEdge
internal import SynSystem

/// Reads the configuration anew; what is wrong with it leaves the old one in force.
struct Reload: Sendable {
  let rules: CurrentRules
  let certificates: Certificates?
  let monitors: Monitors
  let metrics: ServiceMetrics
  let log: ServiceLog

  func callAsFunction(_ source: ConfigurationSource) {
    do throws(ConfigurationError) {
      try adopt(source.read())
      metrics.reloaded(isGood: true, at: Reload.seconds)
      log.say("info", "configuration reloaded")
    } catch {
      metrics.reloaded(isGood: false, at: Reload.seconds)
      log.say("error", "configuration not reloaded, the old one stays", ("message", error.description))
    }
  }

  private func adopt(_ configuration: ServiceConfiguration) throws(ConfigurationError) {
    // The socket stays open where it is: rules that were judged for another address would not be safe for this one.
    let old = rules.now.configuration
    guard configuration.listen == old.listen else {
      throw ConfigurationError("another address to listen at (\(configuration.listen)) needs a restart")
    }
    guard (configuration.certificateFile == nil) == (certificates == nil) else {
      throw ConfigurationError("beginning or ending to speak TLS needs a restart")
    }
    let new = try ServiceRules(configuration)
    let pair = try Certificates.load(configuration)
    rules.replace(with: new)
    if let pair { certificates?.replace(with: pair) }
    monitors.configure(configuration.monitors)
  }

  /// Now, in seconds since 1970.
  static var seconds: Double { Double(SystemClock.realtime().nanoseconds) / 1e9 }
}

extension Certificates {
  /// The certificate that a configuration names; nil without one.
  static func load(_ configuration: ServiceConfiguration) throws(ConfigurationError) -> Pair? {
    guard let certificate = configuration.certificateFile, let key = configuration.keyFile else { return nil }
    return try load(certificate: certificate, key: key)
  }
}
