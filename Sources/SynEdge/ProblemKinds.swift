package import HTTPTypes

extension Problem {
  /// The kinds of refusal; the raw value is the last part of the `type` URI, under which the service explains it.
  package enum Kind: String, CaseIterable, Sendable {
    case badRequest = "bad-request"
    case badParameter = "bad-parameter"
    case unauthorized = "unauthorized"
    case targetDenied = "target-denied"
    case foreignOrigin = "foreign-origin"
    case notFound = "not-found"
    case noValue = "no-value"
    case nameNotResolved = "name-not-resolved"
    case methodNotAllowed = "method-not-allowed"
    case requestTimeout = "request-timeout"
    case bodyTooLarge = "body-too-large"
    case uriTooLong = "uri-too-long"
    case misdirected = "misdirected-request"
    case rateLimited = "rate-limited"
    case headersTooLarge = "headers-too-large"
    case `internal` = "internal-error"
    case notImplemented = "not-implemented"
    case probingFailed = "probing-failed"
    case overloaded = "overloaded"
    case shuttingDown = "shutting-down"
    case versionNotSupported = "http-version-not-supported"

    /// A few words for people.
    package var title: String { entry.title }
    /// The HTTP status.
    package var status: HTTPResponse.Status { entry.status }
    /// What it means, and what to do.
    package var explanation: String { entry.explanation }

    private var entry: (status: HTTPResponse.Status, title: String, explanation: String) {
      switch self {
      case .badRequest:
        (.badRequest, "Bad request", "The bytes are not a request of HTTP/1.1 (RFC 9112). The connection is closed.")
      case .badParameter:
        (.badRequest, "Bad parameter", "The parameter named in 'parameter' is missing, unknown, given twice, or wrong.")
      case .unauthorized:
        (.unauthorized, "Unauthorized", "Send 'Authorization: Bearer TOKEN' with a token of the service's token file.")
      case .targetDenied:
        (
          .forbidden, "Target denied",
          "The policy of the service denies the target; nothing was sent to it. Whoever runs the service may allow it."
        )
      case .foreignOrigin:
        (
          .forbidden, "Foreign origin",
          "A page of another origin may not make a browser probe: a request that sends packets must be meant."
        )
      case .notFound: (.notFound, "Not found", "There is nothing under this path. /openapi.json lists what there is.")
      case .noValue:
        (.notFound, "No such value", "The measurement was made, and has no such value: nothing is invented for it.")
      case .nameNotResolved:
        (.badRequest, "Name not resolved", "The resolver of the service found no address for the name in time.")
      case .methodNotAllowed:
        (.methodNotAllowed, "Method not allowed", "The path has only the methods of the header field Allow.")
      case .requestTimeout:
        (.requestTimeout, "Request timeout", "The request did not arrive whole in time. The connection is closed.")
      case .bodyTooLarge:
        (.contentTooLarge, "Content too large", "The body is larger than the path takes; GET takes none.")
      case .uriTooLong: (.uriTooLong, "URI too long", "The request target is longer than 4096 bytes.")
      case .misdirected:
        (
          .misdirectedRequest, "Misdirected request",
          "The header field Host is not a name of this service. Names beyond localhost are listed in its configuration."
        )
      case .rateLimited:
        (
          .tooManyRequests, "Too many requests",
          "The client has asked for more than its share. Retry-After says when to try again."
        )
      case .headersTooLarge:
        (
          .requestHeaderFieldsTooLarge, "Header fields too large",
          "Header fields are bounded to 16 KiB and 100 in number."
        )
      case .internal: (.internalServerError, "Internal error", "A fault of the service itself; its log tells more.")
      case .notImplemented:
        (.notImplemented, "Not implemented", "The request uses a part of HTTP that the service does not have.")
      case .probingFailed:
        (.serviceUnavailable, "Probing failed", "The operating system refused a socket or the capture: no measurement.")
      case .overloaded:
        (
          .serviceUnavailable, "Overloaded",
          "The service does as much as it may at once, and does not let requests wait. Retry-After says when to try again."
        )
      case .shuttingDown: (.serviceUnavailable, "Shutting down", "The service is ending. Try its successor.")
      case .versionNotSupported:
        (
          .init(code: 505, reasonPhrase: "HTTP Version Not Supported"), "HTTP version not supported",
          "HTTP/1.1 and HTTP/1.0 are spoken here."
        )
      }
    }
  }
}
