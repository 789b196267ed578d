public import SynProbe
public import SynVerdict

extension VerifyReport: ReportObject {
  package static let members: [ReportMember<Self>] = [
    .init("schema", \.schema, .oneOf(["synprobe.verify/1"])),
    .init("verdict", \.verdict),
    .init("reason", \.reason),
    .init("target", \.target),
    .init("judged", \.judged),
    .init("claims", \.claims),
    .init("added_ms", \.addedMs),
    .init("rate_bps", \.rateBps),
    .init("measurement", \.measurement),
    .init("baseline", \.baseline, PingReport.formWithoutProbes),
  ]
  package static var blank: Self {
    Self(verdict: .inconclusive, reason: "", target: .blank, claims: [], measurement: .blank)
  }
  package static var schemaName: String? { "Verify" }

  /// The text on one line, the members in the order of the documentation.
  public var json: String { jsonText }
}

extension VerifyReport.Added: ReportObject {
  package static let members: [ReportMember<Self>] = [
    .init("total", \.total), .init("forward", \.forward), .init("back", \.back),
    .init("absent_because", \.absentBecause),
  ]
  package static var blank: Self { Self() }
  package static var schemaName: String? { "Added" }
}

extension VerifyReport.Added.Amount: ReportObject {
  package static let members: [ReportMember<Self>] = [
    .init("estimate", \.estimate, .number), .init("interval", \.interval),
  ]
  package static var blank: Self { Self(estimate: 0) }
  package static var schemaName: String? { "Amount" }
}

extension VerifyReport.Claim: ReportObject {
  package static let members: [ReportMember<Self>] = [
    .init("claim", \.claim, .oneOf(Claim.names)),
    .init("expected", \.expected),
    .init("verdict", \.verdict),
    .init("estimate_ms", \.estimateMs, .number),
    .init("estimate_ratio", \.estimateRatio, .share),
    .init("estimate", \.estimate, .oneOf(FaultPlace.allCases.map(\.rawValue))),
    .init("estimate_bps", \.estimateBps, .number),
    .init("interval_bps", \.intervalBps),
    .init("interval_ms", \.intervalMs),
    .init("interval_ratio", \.intervalRatio, .range(.share)),
    .init("confidence", \.confidence, .share),
    .init("samples", \.samples),
    .init("reason", \.reason),
    .init("more_probes", \.moreProbes, .integer(atLeast: 1, atMost: nil)),
  ]
  package static var blank: Self {
    Self(claim: "", expected: "", verdict: .inconclusive, confidence: 0, samples: 0, reason: "")
  }
  package static var schemaName: String? { "Claim" }
}

extension Verdict: ReportLeaf {}
