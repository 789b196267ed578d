internal import SynCore
internal import SynEdge
internal import SynProbe
internal import SynVerify

/// A checked request to `/v1/identify`.
struct IdentifyRequest {
  let target: TargetParameter
  let terms: IdentifyTerms
  let baseline: SavedBaseline
  let mode: ProbeMode?
  /// The status of an answer that explains nothing; nil for 200.
  let failStatus: Int?
  let format: ResultFormat

  private static let names =
    TargetParameter.names + IdentifyTerms.settings.map(\.rawValue) + ["baseline", "mode", "fail_status"]
    + ResultFormat.parameters

  /// - Throws: `Problem` naming the member that is missing, unknown or wrong.
  init(_ body: VerifyBody) throws(Problem) {
    var parameters = body.parameters
    if let claim = body.claims.first {
      throw Problem.bad(claim.name, "'\(claim.name)' is a claim, and an identification has none: ask /v1/verify")
    }
    let target = TargetParameter.Written(&parameters)
    var terms = IdentifyTerms()
    for setting in IdentifyTerms.settings {
      guard let text = parameters.take(setting.rawValue) else { continue }
      do throws(VerifyDraft.Objection) { try terms.set(setting, text) } catch { throw Problem(error) }
    }
    mode = try SeriesParameters.mode(&parameters)
    failStatus = try parameters.take("fail_status").map(VerifyRequest.status)
    format = try ResultFormat(&parameters, IdentifyReport.self, example: "lines.0.line")
    try parameters.finish(known: IdentifyRequest.names)
    self.target = try target.read()
    guard let report = body.baseline else {
      throw Problem.bad("baseline", "'baseline' is missing: a ping result from before the fault, as /v1/ping answers")
    }
    baseline = try VerifyRequest.saved(report)
    self.terms = terms
  }
}
