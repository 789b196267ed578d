internal import HTTPTypes
internal import Hummingbird
internal import SynCore
internal import SynEdge
internal import SynProbe
internal import SynVerify

/// `POST /v1/identify`: which line of netem explains what is seen of a target.
struct IdentifyRoute: Sendable {
  let rules: CurrentRules
  let targets: TargetAdmission
  let run: VerificationRun

  var route: Route {
    let answers = [
      Route.Answer(
        type: "application/json", schema: .reference("Identify"), text: "The lines that explain what is seen, or none."),
      Route.Answer(type: "text/plain", schema: ["type": "string"], text: "With format=value: one bare value."),
    ]
    return Route(
      method: .post, path: "/v1/identify", access: .prober, operation: "identify",
      summary: "Probe a target and name the lines of tc's netem that explain what differs from a baseline.",
      parameters: [Route.Parameter.failStatus("explained")], body: .reference("IdentifyRequest"), answers: answers,
      failsAsAnswer: true
    ) { request, context in
      let body = try VerifyBody(try await request.smallText(), request.uri.string)
      return try await answer(IdentifyRequest(body), context)
    }
  }

  private func answer(_ wanted: IdentifyRequest, _ context: ServiceContext) async throws(Problem) -> Response {
    _ = try run.probers.prober(wanted.mode)
    let host = try await targets.host(wanted.target, context)
    let plan: IdentifyPlan
    do throws(VerifyDraft.Objection) {
      plan = try wanted.terms.settled(target: host, baseline: wanted.baseline, within: rules.now.limits.ofVerification)
    } catch { throw Problem(error) }
    let report = try await run.identify(plan, wanted.mode, context)
    var response = try wanted.format.answer(report, without: report.reason)
    if report.verdict != .explained, let status = wanted.failStatus { response.status = .init(code: status) }
    return response
  }
}
