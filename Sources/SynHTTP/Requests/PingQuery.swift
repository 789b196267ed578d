internal import SynCore
internal import SynProbe

/// A checked query of `/v1/ping`.
struct PingQuery {
  /// How the answer is written.
  enum Format {
    case json
    /// One bare value of the result.
    case value(FieldPath)
  }

  static let parameters = ["target", "ip", "port", "count", "interval", "timeout", "mode", "format", "field"]

  let target: Target
  /// The parameter that named the target.
  let targetParameter: String
  let series: SeriesParameters
  let format: Format

  /// - Throws: `Problem` naming the parameter that is missing, unknown or wrong.
  init(_ query: QueryString, _ limits: ServiceLimits) throws(Problem) {
    var query = query
    let text = query.take("target")
    let ip = query.take("ip")
    let port = query.take("port")
    series = try SeriesParameters(&query, limits)
    let format = query.take("format")
    let field = query.take("field")
    try query.finish(known: PingQuery.parameters)
    self.format = try PingQuery.format(format, field)
    switch (text, ip, port) {
    case (nil, let ip?, _):
      target = try TargetParameter.parse(ip: ip, port: port)
      targetParameter = "ip"
    case (nil, nil, _?): throw Problem.bad("ip", "the parameter 'ip' is missing: ip=IP&port=PORT")
    case (_?, nil, nil), (nil, nil, nil):
      target = try TargetParameter.parse(target: text)
      targetParameter = "target"
    default: throw Problem.bad("target", "'target=IP:PORT' and 'ip=IP&port=PORT' exclude each other")
    }
  }

  private static func format(_ format: String?, _ field: String?) throws(Problem) -> Format {
    switch (format ?? "json", field) {
    case ("json", nil): return .json
    case ("json", _?): throw Problem.bad("field", "'field' goes with format=value")
    case ("value", let field?):
      do throws(FieldPath.ParseError) { return .value(try FieldPath(field)) } catch {
        throw Problem.bad("field", "\(error)")
      }
    case ("value", nil): throw Problem.bad("field", "the parameter 'field' is missing: field=rtt_ms.p50")
    case (let format, _): throw Problem.bad("format", "'\(format.escaped)' is none of json, value")
    }
  }
}
