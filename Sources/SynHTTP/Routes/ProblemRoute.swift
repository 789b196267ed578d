internal import Hummingbird
internal import SynCore
internal import SynEdge
internal import SynProbe

/// `GET /problems/{name}`: what the `type` of a problem means.
enum ProblemRoute {
  static var route: Route {
    Route(
      path: "/problems/{name}", access: .anyone, operation: "problem", summary: "What a kind of problem means.",
      parameters: [
        Route.Parameter(
          name: "name", place: .path, isRequired: true,
          schema: ["type": "string", "enum": .array(Problem.Kind.allCases.map { .string($0.rawValue) })],
          text: "The last part of a problem's `type`.")
      ],
      answers: [Route.Answer(type: "text/plain", schema: ["type": "string"], text: "The explanation.")]
    ) { request, context in
      let name = context.parameters.get("name") ?? ""
      guard let kind = Problem.Kind(rawValue: name) else {
        throw Problem(.notFound, "there is no kind of problem '\(String(name.prefix(100)).escaped)'")
      }
      return Response(
        "\(kind.title) (\(kind.status.code))\n\n\(kind.explanation)\n", type: "text/plain; charset=utf-8")
    }
  }
}
