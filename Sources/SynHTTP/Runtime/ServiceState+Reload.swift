internal import SynCore
internal import SynSystem

extension ServiceState {
  /// Reads the configuration anew; what is wrong with it leaves the old one in force.
  func reload(_ source: ConfigurationSource) {
    do throws(ConfigurationError) {
      try adopt(source.read())
      metrics.reloaded(isGood: true, at: ServiceState.seconds)
      log.say("info", "configuration reloaded")
    } catch {
      metrics.reloaded(isGood: false, at: ServiceState.seconds)
      log.say("error", "configuration not reloaded, the old one stays", ("message", error.description))
    }
  }

  private func adopt(_ configuration: ServiceConfiguration) throws(ConfigurationError) {
    // The socket stays open where it is: rules that were judged for another address would not be safe for this one.
    let old = rules.configuration
    guard configuration.listen == old.listen else {
      throw ConfigurationError("another address to listen at (\(configuration.listen)) needs a restart")
    }
    guard (configuration.certificateFile == nil) == (certificates == nil) else {
      throw ConfigurationError("beginning or ending to speak TLS needs a restart")
    }
    let rules = try Rules(configuration)
    let pair = try Certificates.load(configuration)
    replace(rules)
    if let pair { certificates?.replace(with: pair) }
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
