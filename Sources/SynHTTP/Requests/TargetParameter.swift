internal import SynCore
internal import SynProbe
internal import SynWire

/// The target that a request names: an address, or a name that is still to be resolved.
enum TargetParameter {
  /// Reads `target=HOST:PORT`.
  static func parse(target text: String?) throws(Problem) -> Target {
    guard let text else { throw Problem.bad("target", "the parameter 'target' is missing: target=IP:PORT") }
    return try parse(text, "target", defaultPort: nil)
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
  private static func parse(
    _ text: String, _ parameter: String, defaultPort: UInt16?
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
