internal import SynCore
internal import SynEdge
internal import SynProbe
internal import SynVerdict
internal import SynVerify

/// A checked request to `/v1/verify`: a query, or the body of a POST.
struct VerifyRequest {
  let target: TargetParameter
  let control: TargetParameter?
  let terms: VerifyTerms
  let baseline: SavedBaseline?
  let mode: ProbeMode?
  /// The status of an answer whose verdict is not confirmed; nil for 200.
  let failStatus: Int?
  let format: ResultFormat

  /// Takes a query, in which the claims stand beside the rest.
  /// - Throws: `Problem` naming the parameter that is missing, unknown or wrong.
  init(_ query: RequestParameters, _ limits: ServiceLimits) throws(Problem) {
    var parameters = query
    let claims = Claim.names.compactMap { name in parameters.take(name).map { (name, $0) } }
    try self.init(parameters, claims: claims, baseline: nil, known: Claim.names + VerifyRequest.names, limits)
  }

  /// Takes the body of a POST.
  /// - Throws: `Problem` naming the member that is missing, unknown or wrong.
  init(_ body: VerifyBody, _ limits: ServiceLimits) throws(Problem) {
    try self.init(
      body.parameters, claims: body.claims, baseline: body.baseline,
      known: ["claims", "baseline"] + VerifyRequest.names, limits)
  }

  private static let names =
    TargetParameter.names + VerifySetting.allCases.map(\.rawValue) + ["mode", "fail_status"] + ResultFormat.parameters

  private init(
    _ parameters: RequestParameters, claims: [(name: String, value: String)], baseline: PingReport?, known: [String],
    _ limits: ServiceLimits
  ) throws(Problem) {
    var parameters = parameters
    var draft = VerifyDraft(limits.ofVerification)
    let target = TargetParameter.Written(&parameters)
    do throws(VerifyDraft.Objection) {
      for (name, value) in claims { try draft.claim(name, value) }
    } catch { throw Problem(error) }
    var control: TargetParameter?
    for setting in VerifySetting.allCases {
      guard let text = parameters.take(setting.rawValue) else { continue }
      if setting == .control {
        control = TargetParameter(target: try TargetParameter.parse(text, setting.rawValue), name: setting.rawValue)
      }
      do throws(VerifyDraft.Objection) { try draft.set(setting, text) } catch { throw Problem(error) }
    }
    mode = try SeriesParameters.mode(&parameters)
    failStatus = try parameters.take("fail_status").map(VerifyRequest.status)
    format = try ResultFormat(&parameters, VerifyReport.self, example: "claims.0.estimate_ms")
    try parameters.finish(known: known)
    self.target = try target.read()
    draft.hasBaseline = baseline != nil
    do throws(VerifyDraft.Objection) { terms = try draft.settled() } catch { throw Problem(error) }
    self.control = control
    self.baseline = try baseline.map(VerifyRequest.saved)
  }

  static func status(_ text: String) throws(Problem) -> Int {
    guard let status = Int(plain: text, in: 400...599) else {
      throw Problem.bad("fail_status", "'\(text.escaped)' is not a status from 400 to 599")
    }
    return status
  }

  static func saved(_ report: PingReport) throws(Problem) -> SavedBaseline {
    do throws(SavedBaseline.Failure) { return try SavedBaseline(report) } catch {
      throw Problem.bad("baseline", "\(error)")
    }
  }
}

extension Problem {
  /// What is wrong with a verification, as an answer.
  init(_ objection: VerifyDraft.Objection) {
    let detail =
      switch objection.name {
      case "claims": "nothing is claimed: give one of \(Claim.names.joined(separator: ", ")), or netem"
      default: "\(objection.name): \(objection.reason)"
      }
    self = .bad(objection.name, detail)
  }
}

extension ServiceLimits {
  /// What one verification may take here.
  var ofVerification: VerifyDraft.Bounds {
    var bounds = VerifyDraft.Bounds()
    bounds.mostProbes = verificationCount
    bounds.longest = duration
    bounds.leastInterval = interval
    return bounds
  }
}
