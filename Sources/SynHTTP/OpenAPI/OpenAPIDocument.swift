internal import HTTPTypes
internal import SynEdge
internal import SynProbe

extension ServiceLimits {
  /// The schema of a parameter whose bound is configured; nil for any other.
  func schema(of parameter: String) -> JSONValue? {
    switch parameter {
    case "count": .integer(1, count)
    case "max_probes": .integer(1, verificationCount)
    default: nil
    }
  }
}

/// The description of the service that is made from its table of routes.
struct OpenAPIDocument {
  let routes: [Route]
  let version: String
  /// Whether a bearer token is asked for.
  let needsToken: Bool
  /// The bounds as they are configured.
  let limits: ServiceLimits

  var text: String { document.jsonText }

  private var document: JSONValue {
    [
      "openapi": "3.1.1",
      "info": [
        "title": "synprobe", "version": .string(version),
        "summary": "TCP handshake latency by raw SYN segments, split into egress, network and ingress.",
        "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
      ],
      "servers": [["url": "/"]],
      "paths": .object(paths),
      "components": components,
    ]
  }

  private var paths: [JSONValue.Member] {
    var paths: [String] = []
    for route in routes where !paths.contains(route.path) { paths.append(route.path) }
    return paths.map { path in
      let operations = routes.filter { $0.path == path }.map { route in
        JSONValue.Member(name: route.method.rawValue.lowercased(), value: operation(route))
      }
      return JSONValue.Member(name: path, value: .object(operations))
    }
  }

  private func operation(_ route: Route) -> JSONValue {
    let parameters = route.parameters.map { parameter -> JSONValue in
      [
        "name": .string(parameter.name), "in": .string(parameter.place.rawValue),
        "required": .flag(parameter.isRequired), "description": .string(parameter.text),
        "schema": limits.schema(of: parameter.name) ?? parameter.schema,
      ]
    }
    let content = route.answers.map { JSONValue.Member(name: $0.type, value: ["schema": $0.schema]) }
    let good: JSONValue = [
      "description": .string(route.answers.map(\.text).joined(separator: " ")), "content": .object(content),
    ]
    var members: [JSONValue.Member] = [
      .init(name: "operationId", value: .string(route.operation)),
      .init(name: "summary", value: .string(route.summary)),
      .init(name: "parameters", value: .array(parameters)),
      .init(name: "responses", value: .object([.init(name: "\(route.status.code)", value: good)] + problems(route))),
    ]
    if let body = route.body {
      members.append(
        .init(
          name: "requestBody",
          value: ["required": true, "content": .object([.init(name: "application/json", value: ["schema": body])])]))
    }
    if needsToken { members.append(.init(name: "security", value: route.access == .anyone ? [] : [["token": []]])) }
    return .object(members)
  }

  private func problems(_ route: Route) -> [JSONValue.Member] {
    let statuses: [(String, String)] =
      switch route.access {
      case .anyone: []
      case .reader: [("401", "No token, or a wrong one."), ("429", "Too many requests.")]
      case .prober:
        [
          ("400", "A parameter is missing, unknown or wrong; `parameter` names it."),
          ("401", "No token, or a wrong one."), ("403", "The target is denied, and nothing was sent."),
          ("404", "The result has no such value."), ("429", "Too many requests, or distinct targets."),
          ("503", "Too much at once, or nothing can be sent."),
        ]
      }
    var content = [JSONValue.Member(name: "application/problem+json", value: ["schema": .reference("Problem")])]
    if route.failsAsAnswer { content += route.answers.map { .init(name: $0.type, value: ["schema": $0.schema]) } }
    return (statuses + [("default", "Any other refusal.")]).map { status, text in
      JSONValue.Member(name: status, value: ["description": .string(text), "content": .object(content)])
    }
  }

  private var components: JSONValue {
    let problem = JSONValue.closedObject(
      required: ["type", "title", "status", "detail"],
      [
        ("type", ["type": "string", "format": "uri-reference"]), ("title", ["type": "string"]),
        ("status", .integer(400, 599)), ("detail", ["type": "string"]), ("parameter", ["type": "string"]),
      ])
    let schemas =
      (PingSchema.schemas + VerifySchema.schemas(limits) + TraceSchema.schemas + MonitorSchema.schemas
      + [("Problem", problem)]).map {
        JSONValue.Member(name: $0.0, value: $0.1)
      }
    var members: [JSONValue.Member] = [.init(name: "schemas", value: .object(schemas))]
    if needsToken {
      members.append(.init(name: "securitySchemes", value: ["token": ["type": "http", "scheme": "bearer"]]))
    }
    return .object(members)
  }
}
