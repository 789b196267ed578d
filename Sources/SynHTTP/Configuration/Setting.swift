internal import SynCore
public import SynEdge
internal import SynProbe
internal import SynWire

/// The settings that options, environment variables and the configuration file share.
public enum Setting: String, CaseIterable, Sendable {
  case listen
  case allow
  case deny
  case names
  case tokenFile = "token_file"
  case tlsCertificate = "tls_cert"
  case tlsKey = "tls_key"
  case hosts
  case logRequests = "log_requests"
  case why
  case state

  /// The environment variable; lists in it are separated by spaces.
  public var variable: String { "SYNPROBE_" + rawValue.uppercased() }

  /// The option of `synprobe serve`.
  public var option: String {
    self == .hosts ? "--host" : "--" + String(rawValue.map { $0 == "_" ? "-" : $0 })
  }

  /// Whether it has any number of values.
  public var isList: Bool { [.allow, .deny, .hosts].contains(self) }
}

/// Values of settings from one source; what is absent is left to the source below it.
public struct ConfigurationLayer: Sendable {
  var listen: Endpoint?
  var allowed: [TargetRule]?
  var denied: [TargetRule]?
  var resolvesNames: Bool?
  var tokenFile: String?
  var certificateFile: String?
  var keyFile: String?
  var hosts: [String]?
  var logsRequests: Bool?
  var tellsWhy: Bool?
  var stateFile: String?
  var limits: ServiceLimits?
  var modules: [String: SeriesParameters] = [:]
  var monitors: [MonitorSection] = []

  /// Nothing set.
  public init() {}

  /// Sets what a source holds.
  /// - Parameters:
  ///   - setting: What is set.
  ///   - values: Its texts; one where it is no list.
  ///   - place: Where they stand, for an error.
  /// - Throws: `ConfigurationError` naming the place.
  public mutating func set(_ setting: Setting, to values: [String], at place: String) throws(ConfigurationError) {
    guard setting.isList || values.count == 1 else { throw ConfigurationError(place, "one value is needed") }
    let text = values.first ?? ""
    switch setting {
    case .listen: listen = try ConfigurationLayer.endpoint(text, place)
    case .allow: allowed = try ConfigurationLayer.rules(values, place)
    case .deny: denied = try ConfigurationLayer.rules(values, place)
    case .names: resolvesNames = try ConfigurationLayer.flag(text, place)
    case .tokenFile: tokenFile = try ConfigurationLayer.path(text, place)
    case .tlsCertificate: certificateFile = try ConfigurationLayer.path(text, place)
    case .tlsKey: keyFile = try ConfigurationLayer.path(text, place)
    case .hosts: hosts = try ConfigurationLayer.hosts(values, place)
    case .logRequests: logsRequests = try ConfigurationLayer.flag(text, place)
    case .why: tellsWhy = try ConfigurationLayer.flag(text, place)
    case .state: stateFile = try ConfigurationLayer.path(text, place)
    }
  }

  private static func endpoint(_ text: String, _ place: String) throws(ConfigurationError) -> Endpoint {
    // Split apart from Target.parse, which refuses 0.0.0.0 and [::]: nobody can be probed there, but one can listen.
    guard let colon = text.lastIndex(of: ":") else {
      throw ConfigurationError(place, "'\(text.escaped)' is not IP:PORT, such as 127.0.0.1:9115 or [::1]:9115")
    }
    let host = text[..<colon]
    let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
    guard let address = IPAddress(isBracketed ? host.dropFirst().dropLast() : host),
      (address.family == .v6) == isBracketed
    else { throw ConfigurationError(place, "'\(text.escaped)' is not IP:PORT: names are not resolved here") }
    do throws(Target.ParseError) {
      return Endpoint(address: address, port: try Target.parsePort(text[text.index(after: colon)...]))
    } catch {
      throw ConfigurationError(place, "\(error)")
    }
  }

  private static func rules(_ texts: [String], _ place: String) throws(ConfigurationError) -> [TargetRule] {
    var rules: [TargetRule] = []
    for text in texts {
      do throws(TargetRule.ParseError) {
        rules.append(try TargetRule(parsing: text))
      } catch {
        throw ConfigurationError(place, splitRule(text, behind: rules.last) ?? "\(error)")
      }
    }
    return rules
  }

  /// A YAML list in brackets splits a rule at its comma: nil where the text is no port that was cut off so.
  private static func splitRule(_ text: String, behind rule: TargetRule?) -> String? {
    guard let rule, rule.ports != nil, text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") })
    else { return nil }
    return "'\(text.escaped)' is not a rule: a comma ends an element of a YAML list, so quote a rule that has one,"
      + " as \"\(rule.text),\(text)\""
  }

  static func flag(_ text: String, _ place: String) throws(ConfigurationError) -> Bool {
    switch text {
    case "true": return true
    case "false": return false
    default: throw ConfigurationError(place, "'\(text.escaped)' is neither true nor false")
    }
  }

  private static func path(_ text: String, _ place: String) throws(ConfigurationError) -> String {
    guard !text.isEmpty, !text.utf8.contains(0) else { throw ConfigurationError(place, "a path is needed") }
    return text
  }

  private static func hosts(_ texts: [String], _ place: String) throws(ConfigurationError) -> [String] {
    for text in texts where text != "*" && HostRule([text]).accepts(text) != true {
      throw ConfigurationError(place, "'\(text.escaped)' is not a host name, written without a port")
    }
    for text in texts where text.contains(":") && !text.hasPrefix("[") {
      throw ConfigurationError(place, "'\(text.escaped)' is not a host name, written without a port")
    }
    return texts
  }
}
