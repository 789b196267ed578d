package import SynProbe
package import SynVerdict

/// How a monitor, or a stream with claims, stands now: schema `synprobe.check/1`.
package struct CheckReport: Sendable {
  /// Name and version of this form.
  package var schema = "synprobe.check/1"
  /// The monitor; absent of a stream.
  package var id: String?
  /// Of the claims, or, without any, whether nothing has changed.
  package var verdict: Verdict
  /// One sentence without a full stop.
  package var reason: String
  /// Who is probed.
  package var target: PingReport.Target
  /// When it was judged.
  package var at: String
  /// How long the window is.
  package var windowMs: Double
  /// What is claimed, each with its verdict.
  package var claims: [VerifyReport.Claim]
  /// Onsets that have not gone back.
  package var open: [HistoryEntry]
  /// What the window's probes amount to.
  package var window: WindowReport

  /// Joins the fields.
  package init(
    id: String?, verdict: Verdict, reason: String, target: PingReport.Target, at: String, windowMs: Double,
    claims: [VerifyReport.Claim], open: [HistoryEntry], window: WindowReport
  ) {
    (self.id, self.verdict, self.reason, self.target) = (id, verdict, reason, target)
    (self.at, self.windowMs, self.claims, self.open, self.window) = (at, windowMs, claims, open, window)
  }
}

extension CheckReport: ReportObject {
  package static let members: [ReportMember<Self>] = [
    .init("schema", \.schema, .oneOf(["synprobe.check/1"])), .init("id", \.id), .init("verdict", \.verdict),
    .init("reason", \.reason), .init("target", \.target), .init("at", \.at, .date), .init("window_ms", \.windowMs),
    .init("claims", \.claims), .init("open", \.open), .init("window", \.window),
  ]
  package static var blank: Self {
    Self(
      id: nil, verdict: .inconclusive, reason: "", target: .blank, at: "", windowMs: 0, claims: [], open: [],
      window: .blank)
  }
  package static var schemaName: String? { "Check" }
}
