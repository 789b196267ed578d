internal import SynCore
internal import SynProbe
internal import SynVerdict
internal import SynVerify

/// A checked request to `/v1/verify`: a query, or the body of a POST.
struct VerifyQuery {
  static let parameters =
    TargetParameter.names + Claim.names + [
      "netem", "path", "control", "confidence", "max_probes", "max_time", "interval", "timeout", "mode", "fail_status",
    ] + ResultFormat.parameters

  let target: TargetParameter
  let control: TargetParameter?
  let claims: [Claim]
  let injected: NetemSpec?
  let baseline: SavedBaseline?
  let confidence: Double
  let times: VerifyTimes
  let mode: ProberConfiguration.Mode
  /// The status of an answer whose verdict is not confirmed; nil for 200.
  let failStatus: Int?
  let format: ResultFormat

  /// - Throws: `Problem` naming the parameter that is missing, unknown or wrong.
  init(_ query: QueryString, baseline: PingReport? = nil, _ limits: ServiceLimits) throws(Problem) {
    var query = query
    let target = TargetParameter.Written(&query)
    control = try query.take("control").map { text throws(Problem) in
      TargetParameter(target: try TargetParameter.parse(text, "control"), name: "control")
    }
    let written = try VerifyQuery.claims(&query)
    let (fault, path) = try VerifyQuery.fault(&query)
    injected = fault?.netem
    confidence = try query.take("confidence").map(VerifyQuery.confidence) ?? 0.95
    times = try VerifyTimes(&query, VerifyPlan.interval(showing: fault), limits)
    mode = try SeriesParameters.mode(&query) ?? .auto
    failStatus = try query.take("fail_status").map(VerifyQuery.status)
    format = try ResultFormat(&query, VerifyReport.self, example: "claims.0.estimate_ms")
    try query.finish(known: VerifyQuery.parameters)
    self.target = try target.read()
    if baseline != nil, control != nil { throw Problem.bad("control", "'baseline' and 'control' exclude each other") }
    self.baseline = try baseline.map(VerifyQuery.saved)
    claims = try VerifyQuery.all(
      written, fault, path, hasBaseline: baseline != nil || control != nil, interval: times.interval)
  }

  /// What is to be done once the targets have addresses.
  func plan(target: VerifyPlan.Host, control: VerifyPlan.Host?) -> VerifyPlan {
    var plan = VerifyPlan(target: target, claims: claims)
    plan.control = control
    plan.baseline = baseline
    plan.confidence = confidence
    plan.mostProbes = times.mostProbes
    plan.longest = times.longest
    plan.interval = times.interval
    plan.timeout = times.timeout
    plan.injected = injected
    return plan
  }

  private static func claims(_ query: inout QueryString) throws(Problem) -> [Claim] {
    var claims: [Claim] = []
    for name in Claim.names {
      guard let text = query.take(name) else { continue }
      do throws(ClaimError) { claims.append(try Claim.parse(name, text)) } catch { throw Problem.bad(name, "\(error)") }
    }
    return claims
  }

  private static func fault(_ query: inout QueryString) throws(Problem) -> (InjectedFault?, FaultPath?) {
    let line = query.take("netem")
    let path = try query.take("path").map { text throws(Problem) in
      guard let path = FaultPath(rawValue: text) else {
        throw Problem.bad("path", "'\(text.escaped)' is none of egress, peer, both")
      }
      return path
    }
    guard let line else {
      if path != nil { throw Problem.bad("path", "'path' says where the fault of 'netem' sits") }
      return (nil, nil)
    }
    guard path != nil else { throw Problem.bad("path", "the parameter 'path' is missing: egress, peer or both") }
    do throws(ClaimError) { return (InjectedFault(netem: try NetemSpec.parse(line)), path) } catch {
      throw Problem.bad("netem", "\(error)")
    }
  }

  private static func all(
    _ written: [Claim], _ fault: InjectedFault?, _ path: FaultPath?, hasBaseline: Bool, interval: Duration
  ) throws(Problem) -> [Claim] {
    if written.isEmpty, fault == nil {
      throw Problem.bad("claims", "nothing is claimed: give one of \(Claim.names.joined(separator: ", ")), or netem")
    }
    if let claim = written.first(where: \.needsBaseline), !hasBaseline {
      throw Problem.bad(claim.name, "'\(claim.name)' needs a baseline in the body of a POST, or a control target")
    }
    do throws(ClaimError) {
      return try VerifyPlan.claims(
        written, fault: fault, path: path, hasBaseline: hasBaseline, interval: interval.nanoseconds)
    } catch {
      throw Problem.bad("netem", "\(error)")
    }
  }

  private static func confidence(_ text: String) throws(Problem) -> Double {
    do throws(Confidence.ParseError) { return try Confidence.parse(text) } catch {
      throw Problem.bad("confidence", "\(error)")
    }
  }

  private static func status(_ text: String) throws(Problem) -> Int {
    guard let status = Int(plain: text, in: 400...599) else {
      throw Problem.bad("fail_status", "'\(text.escaped)' is not a status from 400 to 599")
    }
    return status
  }

  private static func saved(_ report: PingReport) throws(Problem) -> SavedBaseline {
    do throws(SavedBaseline.Failure) { return try SavedBaseline(report) } catch {
      throw Problem.bad("baseline", "\(error)")
    }
  }
}
