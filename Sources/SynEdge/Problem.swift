internal import HTTPTypes
internal import SynCore
internal import SynProbe

/// Why a request is refused, as RFC 9457 has it: every refusal of the service is one of these.
package struct Problem: Error, Sendable {
  package let kind: Kind
  /// What happened, to what, and what to do.
  package let detail: String
  /// The parameter that is wrong.
  package var parameter: String?
  /// Seconds after which another try may do better.
  package var retryAfter: Int?
  /// The methods that the resource has, for 405.
  package var allow: [String] = []

  package init(
    _ kind: Kind, _ detail: String, parameter: String? = nil, retryAfter: Duration? = nil, allow: [String] = []
  ) {
    self.kind = kind
    self.detail = detail
    self.parameter = parameter
    self.retryAfter = retryAfter.map { max(Int($0.seconds.rounded(.up)), 1) }
    self.allow = allow
  }

  /// A parameter of the request is wrong.
  package static func bad(_ parameter: String, _ detail: String) -> Problem {
    Problem(.badParameter, detail, parameter: parameter)
  }

  /// The headers that belong to it.
  package var headers: [(name: String, value: String)] {
    var headers = [("Content-Type", "application/problem+json")]
    if let retryAfter { headers.append(("Retry-After", "\(retryAfter)")) }
    if !allow.isEmpty { headers.append(("Allow", allow.joined(separator: ", "))) }
    if kind == .unauthorized { headers.append(("WWW-Authenticate", "Bearer realm=\"synprobe\"")) }
    return headers
  }

  /// The JSON text.
  package var body: String {
    var json = JSONWriter()
    json.object {
      $0.member("type", "/problems/\(kind.rawValue)")
      $0.member("title", kind.title)
      $0.member("status", kind.status.code)
      $0.member("detail", detail)
      if let parameter { $0.member("parameter", parameter) }
    }
    return json.text
  }
}
