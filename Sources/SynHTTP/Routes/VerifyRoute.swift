internal import HTTPTypes
internal import Hummingbird
internal import SynCore
internal import SynEdge
internal import SynProbe
internal import SynVerdict
internal import SynVerify
internal import SynWire

/// `GET` and `POST /v1/verify`: claims about one target, judged.
struct VerifyRoute: Sendable {
  let rules: CurrentRules
  let targets: TargetAdmission
  let run: VerificationRun

  var routes: [Route] {
    let answers = [
      Route.Answer(
        type: "application/json", schema: .reference("Verify"), text: "The verdict, and what it stands on."),
      Route.Answer(type: "text/plain", schema: ["type": "string"], text: "With format=value: one bare value."),
    ]
    let get = Route(
      path: "/v1/verify", access: .prober, operation: "verify",
      summary: "Probe a target until each claim about it is confirmed or refuted.",
      parameters: VerifyRoute.parameters, answers: answers, failsAsAnswer: true
    ) { request, context in
      try await answer(VerifyRequest(RequestParameters(target: request.uri.string), limits), context)
    }
    let post = Route(
      method: .post, path: "/v1/verify", access: .prober, operation: "verifyWithBaseline",
      summary: "The same with the parameters in a JSON object, and a baseline.",
      parameters: [.failStatus("confirmed")], body: .reference("VerifyRequest"), answers: answers, failsAsAnswer: true
    ) { request, context in
      let body = try VerifyBody(try await request.smallText(), request.uri.string)
      return try await answer(VerifyRequest(body, limits), context)
    }
    return [get, post]
  }

  private var limits: ServiceLimits { rules.now.limits }

  private func answer(_ wanted: VerifyRequest, _ context: ServiceContext) async throws(Problem) -> Response {
    _ = try run.probers.prober(wanted.mode)
    var control: VerifyPlan.Host?
    if let other = wanted.control { control = try await targets.host(other, context) }
    var plan = wanted.terms.plan(
      target: try await targets.host(wanted.target, context), control: control, baseline: wanted.baseline)
    plan.siblings = targets.permitted(plan.siblings, of: plan.target.endpoint.address)
    let report = try await run.verify(plan, wanted.mode, context).report()
    var response = try wanted.format.answer(report, without: report.reason)
    if report.verdict != .confirmed, let status = wanted.failStatus { response.status = .init(code: status) }
    return response
  }

  // MARK: Parameters

  private static let parameters =
    Route.Parameter.targets
    + VerifySchema.claims + VerifySchema.settings + [.failStatus("confirmed")]
    + Route.Parameter.formats(example: "claims.0.estimate_ms")
}

extension Request {
  /// The body as text.
  /// - Throws: `Problem` for more than 64 KiB, or what is not UTF-8.
  func smallText() async throws(Problem) -> String {
    let bytes: ByteBuffer
    do { bytes = try await body.collect(upTo: RequestRules.largestBody) } catch {
      throw Problem(.bodyTooLarge, "the body is larger than 64 KiB, or did not come whole")
    }
    guard let text = String(validating: bytes.readableBytesView, as: UTF8.self) else {
      throw Problem.bad("body", "the body is not UTF-8")
    }
    return text
  }
}

extension TargetAdmission {
  /// The target of a verification or an identification, once it is admitted.
  func host(_ target: TargetParameter, _ context: ServiceContext) async throws(Problem) -> VerifyPlan.Host {
    VerifyPlan.Host(input: target.target.input, endpoint: try await admit(target, context).endpoint)
  }
}
