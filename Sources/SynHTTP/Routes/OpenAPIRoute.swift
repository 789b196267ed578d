internal import Hummingbird
internal import SynEdge

/// `GET /openapi.json`: the description of the service.
enum OpenAPIRoute {
  /// The route, which describes itself too.
  static func route(describing others: [Route], _ rules: CurrentRules, version: String) -> Route {
    let described = others + [route { _, _ in Response(status: .ok) }]
    return route { _, _ in
      let document = OpenAPIDocument(
        routes: described, version: version, needsToken: rules.now.tokens != nil,
        limits: rules.now.limits)
      return Response(document.text, type: "application/json")
    }
  }

  private static func route(_ handler: @escaping Route.Handler) -> Route {
    Route(
      path: "/openapi.json", access: .reader, operation: "openapi", summary: "This document.",
      answers: [Route.Answer(type: "application/json", schema: ["type": "object"], text: "OpenAPI 3.1.")],
      handler: handler)
  }
}
