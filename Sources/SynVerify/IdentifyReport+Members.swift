public import SynProbe
internal import SynVerdict

extension IdentifyReport: ReportObject {
  package static let members: [ReportMember<Self>] = [
    .init("schema", \.schema, .oneOf(["synprobe.identify/1"])),
    .init("verdict", \.verdict),
    .init("reason", \.reason),
    .init("target", \.target),
    .init("lines", \.lines),
    .init("measurement", \.measurement, PingReport.formWithoutProbes),
    .init("baseline", \.baseline, PingReport.formWithoutProbes),
  ]
  package static var blank: Self {
    Self(verdict: .inconclusive, reason: "", target: .blank, lines: [], measurement: .blank, baseline: .blank)
  }
  package static var schemaName: String? { "Identify" }

  /// The text on one line, the members in the order of the documentation.
  public var json: String { jsonText }
}

extension IdentifyReport.Line: ReportObject {
  package static let members: [ReportMember<Self>] = [
    .init("line", \.line),
    .init("side", \.side, .oneOf(FaultPlace.allCases.map(\.rawValue))),
    .init("misfit", \.misfit, .share),
    .init("parameters", \.parameters),
  ]
  package static var blank: Self { Self(line: "", misfit: 0, parameters: []) }
  package static var schemaName: String? { "NetemLine" }
}

extension IdentifyReport.Parameter: ReportObject {
  package static let members: [ReportMember<Self>] = [
    .init("name", \.name, .oneOf(NetemLine.Parameter.Name.allCases.map(\.rawValue))),
    .init("estimate_ms", \.estimateMs, .number),
    .init("interval_ms", \.intervalMs),
    .init("estimate_ratio", \.estimateRatio, .share),
    .init("interval_ratio", \.intervalRatio, .range(.share)),
    .init("estimate_bps", \.estimateBps, .number),
    .init("interval_bps", \.intervalBps),
  ]
  package static var blank: Self { Self(name: "") }
  package static var schemaName: String? { "NetemParameter" }
}

extension IdentifyReport.Verdict: ReportLeaf {}
