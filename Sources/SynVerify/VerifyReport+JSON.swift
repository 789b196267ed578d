package import SynProbe
internal import SynVerdict

extension VerifyReport {
  /// The text on one line, the members in the order of the documentation.
  public var json: String {
    var writer = JSONWriter()
    writer.object(write)
    return writer.text
  }

  private func write(_ json: inout JSONWriter) {
    json.member("schema", VerifyReport.schema)
    json.member("verdict", verdict.rawValue)
    json.member("reason", reason)
    json.object("target") {
      $0.member("input", target.input)
      $0.member("address", target.address)
      $0.member("port", target.port)
    }
    json.member("judged", judged)
    json.array("claims", claims) { json, claim in json.object(claim.write) }
    json.object("measurement", measurement.write)
    if let baseline { json.object("baseline", baseline.write) }
  }
}

extension VerifyReport.Claim {
  fileprivate func write(_ json: inout JSONWriter) {
    json.member("claim", claim)
    json.member("expected", expected)
    json.member("verdict", verdict.rawValue)
    json.member("estimate_ms", estimateMs)
    json.member("estimate_ratio", estimateRatio)
    json.member("estimate", estimate)
    json.range("interval_ms", intervalMs)
    json.range("interval_ratio", intervalRatio)
    json.member("confidence", confidence)
    json.member("samples", samples)
    json.member("reason", reason)
    json.member("more_probes", moreProbes)
  }
}

extension VerifyReport {
  /// Reads a path into a verify result, as `claims.0.estimate_ms`.
  /// - Throws: `FieldPath.ParseError` for one that no result has.
  package static func field(_ text: String) throws(FieldPath.ParseError) -> FieldPath {
    try FieldPath(text, in: sampleTree, example: "claims.0.estimate_ms")
  }

  /// The bare value at a path; nil when this result has none.
  ///
  /// The probes, of which there may be very many, are looked at only for one of them.
  package func value(at path: FieldPath) throws(JSONText.Failure) -> String? {
    var report = self
    if !path.isWithin("measurement", "probes") { report.measurement.probes = nil }
    return path.value(in: try JSONTree(report.json))
  }

  private static let sampleTree = try? JSONTree(sample.json)

  /// A result in which every field is there.
  private static var sample: VerifyReport {
    let claim = Claim(
      claim: "", expected: "", verdict: .confirmed, estimateMs: 0, estimateRatio: 0, estimate: "", intervalMs: 0...0,
      intervalRatio: 0...0, confidence: 0, samples: 0, reason: "", moreProbes: 0)
    var baseline = PingReport.sample
    baseline.probes = nil
    return VerifyReport(
      verdict: .confirmed, reason: "", target: PingReport.sample.target, judged: 0, claims: [claim],
      measurement: PingReport.sample, baseline: baseline)
  }
}
