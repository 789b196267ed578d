internal import HTTPTypes
internal import Hummingbird
internal import SynEdge

/// One entry of the table that the router, the Allow header and the OpenAPI document are made from.
struct Route: Sendable {
  typealias Handler = @Sendable (Request, ServiceContext) async throws -> Response

  /// A parameter as the OpenAPI document describes it.
  struct Parameter: Sendable {
    /// Where a parameter stands.
    enum Place: String, Sendable {
      case query, path, header
    }

    let name: String
    var place = Place.query
    var isRequired = false
    let schema: JSONValue
    let text: String
  }

  /// A good answer.
  struct Answer: Sendable {
    let type: String
    let schema: JSONValue
    let text: String

    /// Metrics, in either format.
    static let expositions = [
      Answer(type: "text/plain", schema: ["type": "string"], text: "Prometheus text format 0.0.4."),
      Answer(
        type: "application/openmetrics-text", schema: ["type": "string"],
        text: "OpenMetrics 1.0, where it is asked for."),
    ]
  }

  var method = HTTPRequest.Method.get
  /// The path, as `/problems/{name}`.
  let path: String
  /// Who may ask.
  let access: Admission.Access
  /// A name for generated clients.
  let operation: String
  let summary: String
  var parameters: [Parameter] = []
  /// The schema of the JSON body, of a route that takes one.
  var body: JSONValue?
  let answers: [Answer]
  /// The status of a good answer.
  var status = HTTPResponse.Status.ok
  /// Whether the client may choose the status of an answer that is not what it hoped for.
  var failsAsAnswer = false
  let handler: Handler
}
