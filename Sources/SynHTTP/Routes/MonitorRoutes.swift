internal import HTTPTypes
internal import Hummingbird
internal import SynCore
internal import SynEdge
internal import SynProbe
internal import SynVerdict
internal import SynVerify

/// `/v1/monitors`: what is probed until somebody says otherwise.
struct MonitorRoutes: Sendable {
  let rules: CurrentRules
  let monitors: Monitors

  var routes: [Route] { [create, list, read, delete, check, history] }

  private static let path = "/v1/monitors"
  private static let id = Route.Parameter(
    name: "id", place: .path, isRequired: true, schema: ["type": "string", "minLength": 1], text: "The monitor.")

  private var create: Route {
    Route(
      method: .post, path: MonitorRoutes.path, access: .prober, operation: "createMonitor",
      summary: "Probe a target until the monitor is deleted.", body: .reference("MonitorRequest"),
      answers: [json("Monitor", "The monitor; 'kept' says whether it outlasts a restart.")], status: .created
    ) { request, context in
      try MonitorRoutes.takesNothing(request)
      let definition = try MonitorDefinition(try await request.smallText(), rules.now.limits)
      let monitor = try await monitors.create(definition, context)
      var response = Response(monitor.jsonText, type: "application/json")
      response.status = .created
      response.headers[.location] = "\(MonitorRoutes.path)/\(monitor.id)"
      return response
    }
  }

  private var list: Route {
    Route(
      path: MonitorRoutes.path, access: .reader, operation: "monitors", summary: "All monitors.",
      answers: [json("Monitors", "The monitors, in the order of their making.")]
    ) { request, _ in
      try MonitorRoutes.takesNothing(request)
      return Response(["monitors": monitors.all].jsonText, type: "application/json")
    }
  }

  private var read: Route {
    Route(
      path: "\(MonitorRoutes.path)/{id}", access: .reader, operation: "monitor", summary: "One monitor.",
      parameters: [MonitorRoutes.id], answers: [json("Monitor", "The monitor.")]
    ) { request, context in
      try MonitorRoutes.takesNothing(request)
      return Response(try monitor(context).jsonText, type: "application/json")
    }
  }

  private var delete: Route {
    Route(
      method: .delete, path: "\(MonitorRoutes.path)/{id}", access: .prober, operation: "deleteMonitor",
      summary: "End a monitor, and forget what happened to it.", parameters: [MonitorRoutes.id],
      answers: [json("Monitor", "The monitor as it was.")]
    ) { request, context in
      try MonitorRoutes.takesNothing(request)
      let monitor = try monitor(context)
      try await monitors.delete(monitor.id)
      return Response(monitor.jsonText, type: "application/json")
    }
  }

  private var check: Route {
    Route(
      path: "\(MonitorRoutes.path)/{id}/check", access: .reader, operation: "checkMonitor",
      summary:
        "The verdict of a monitor's claims over its window, at once; without claims, whether anything has changed.",
      parameters: [MonitorRoutes.id, .failStatus("confirmed")] + Route.Parameter.formats(example: "window.rtt_ms.p50"),
      answers: [
        json("Check", "The verdict, and what it stands on."),
        Route.Answer(type: "text/plain", schema: ["type": "string"], text: "With format=value: one bare value."),
      ], failsAsAnswer: true
    ) { request, context in
      var parameters = try RequestParameters(target: request.uri.string)
      let failStatus = try parameters.take("fail_status").map(VerifyRequest.status)
      let format = try ResultFormat(&parameters, CheckReport.self, example: "window.rtt_ms.p50")
      try parameters.finish(known: ["fail_status"] + ResultFormat.parameters)
      let monitor = try monitor(context)
      guard let report = monitor.check() else {
        throw Problem(
          .probingFailed, "the monitor is not probed: \(monitor.idleReason ?? "it ends")", retryAfter: .seconds(10))
      }
      context.notes.note { $0.outcome = report.verdict.rawValue }
      var response = try format.answer(report, without: report.reason)
      if report.verdict != .confirmed, let failStatus { response.status = .init(code: failStatus) }
      return response
    }
  }

  private var history: Route {
    Route(
      path: "\(MonitorRoutes.path)/{id}/history", access: .reader, operation: "monitorHistory",
      summary: "What happened to a monitor: windows, onsets and recoveries.",
      parameters: [
        MonitorRoutes.id,
        Route.Parameter(
          name: "since", schema: ["type": "string", "format": "date-time", "example": "2026-11-23T22:35:00Z"],
          text: "Windows that began, and changes that were or became known, from then on: RFC 3339 in UTC. None: all."),
      ], answers: [json("History", "The last 500 windows, and as many other entries, in the order of their moments.")]
    ) { request, context in
      var parameters = try RequestParameters(target: request.uri.string)
      let since = try parameters.take("since").map(MonitorRoutes.moment) ?? ""
      try parameters.finish(known: ["since"])
      let entries = try monitor(context).history(since: since)
      return Response(["history": entries].jsonText, type: "application/json")
    }
  }

  private static func takesNothing(_ request: Request) throws(Problem) {
    try RequestParameters(target: request.uri.string).finish(known: ["none here"])
  }

  private func json(_ schema: String, _ text: String) -> Route.Answer {
    Route.Answer(type: "application/json", schema: .reference(schema), text: text)
  }

  private func monitor(_ context: ServiceContext) throws(Problem) -> Monitor {
    try monitors.monitor(context.parameters.get("id") ?? "")
  }

  private static func number(_ text: String, _ offset: Int) -> Int {
    text.utf8.dropFirst(offset).prefix(2).reduce(0) { 10 * $0 + Int($1) - 0x30 }
  }

  /// A moment as entries have theirs, so that the two compare as texts.
  private static func moment(_ text: String) throws(Problem) -> String {
    let pattern = "dddd-dd-ddTdd:dd:dd"
    let isMoment = zip(text.utf8, pattern.utf8).allSatisfy { byte, place in
      place == UInt8(ascii: "d") ? (0x30...0x39).contains(byte) : byte == place
    }
    let rest = text.dropFirst(pattern.utf8.count)
    let fraction = rest.dropLast()
    guard isMoment, text.utf8.count > pattern.utf8.count, rest.last == "Z",
      (1...12).contains(number(text, 5)), (1...31).contains(number(text, 8)), number(text, 11) < 24,
      number(text, 14) < 60,
      fraction.isEmpty || fraction.first == "." && fraction.count > 1 && fraction.dropFirst().allSatisfy(\.isNumber)
    else {
      throw Problem.bad("since", "'\(text.escaped)' is not a moment as 2026-11-23T22:35:00Z")
    }
    return String(text.dropLast())
  }
}
