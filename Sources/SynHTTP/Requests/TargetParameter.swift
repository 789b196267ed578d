internal import SynCore
internal import SynEdge
internal import SynProbe
internal import SynWire

/// The target that a request names: an address, or a name that is still to be resolved.
struct TargetParameter {
  /// The parameters that may name it.
  static let names = ["target", "ip", "port"]

  let target: Target
  /// The parameter that did.
  let name: String

  /// As one text, in whichever way it was written.
  var text: String {
    guard name == "ip", case .address(let address) = target.host else {
      return name == "ip" ? "\(target.input):\(target.port)" : target.input
    }
    return "\(Endpoint(address: address, port: target.port))"
  }

  /// What a query says of its target.
  struct Written {
    private let target: String?
    private let ip: String?
    private let port: String?

    /// Takes all of it from a query.
    init(_ query: inout RequestParameters) {
      target = query.take("target")
      ip = query.take("ip")
      port = query.take("port")
    }

    /// - Throws: `Problem` naming the parameter that is missing, too much, or wrong.
    func read() throws(Problem) -> TargetParameter {
      switch (target, ip, port) {
      case (nil, let ip?, let port): TargetParameter(target: try TargetParameter.parse(ip: ip, port: port), name: "ip")
      case (nil, nil, _?): throw Problem.bad("ip", "the parameter 'ip' is missing: ip=IP&port=PORT")
      case (let text, nil, nil): TargetParameter(target: try TargetParameter.parse(target: text), name: "target")
      default: throw Problem.bad("target", "'target=IP:PORT' and 'ip=IP&port=PORT' exclude each other")
      }
    }
  }

  /// Reads `target=HOST:PORT`.
  static func parse(target text: String?) throws(Problem) -> Target {
    guard let text else { throw Problem.bad("target", "the parameter 'target' is missing: target=IP:PORT") }
    return try parse(text, "target")
  }

  /// Reads `ip=ADDRESS&port=PORT`.
  static func parse(ip: String, port: String?) throws(Problem) -> Target {
    guard let port else { throw Problem.bad("port", "the parameter 'port' is missing: ip=IP&port=PORT") }
    let number: UInt16
    do throws(Target.ParseError) { number = try Target.parsePort(port) } catch {
      throw Problem.bad("port", "\(error)")
    }
    guard IPAddress(ip) != nil || !ip.contains(where: { ":[]".contains($0) }) else {
      throw Problem.bad("ip", "'\(ip.escaped)' is not an IP address")
    }
    return try parse(ip, "ip", defaultPort: number)
  }

  /// An address that is no host's is well written, and denied; anything else is badly written.
  static func parse(
    _ text: String, _ parameter: String, defaultPort: UInt16? = nil
  ) throws(Problem) -> Target {
    // A zone names a device of this host: it is nobody else's to choose.
    guard !text.contains("%") else {
      throw Problem.bad(parameter, "'\(text.escaped)' has a zone or an escape, which are not understood here")
    }
    do throws(Target.ParseError) {
      return try Target.parse(text, defaultPort: defaultPort)
    } catch {
      if error.isNoHost { throw Problem(.targetDenied, "\(error); nothing was sent", parameter: parameter) }
      throw Problem.bad(parameter, "\(error)")
    }
  }
}
