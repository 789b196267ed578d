import FoundationEssentials
import Testing

@testable import SynProbe

@Suite struct JSONTexts {
  private static func decode(_ text: String) throws -> PingReport {
    try JSONDecoder().decode(PingReport.self, from: Data(text.utf8))
  }

  @Test func aReportThatHasEverythingReadsBackAsItself() throws {
    var report = PingReport.sample
    report.target = .init(input: "a\"\\\n\u{1}é/\u{2028}", address: "::1", port: 65_535)
    report.durationMs = 1e-9
    report.rttMs = .init(
      min: 0.000001, mean: 100, stddev: 1.5e-7, p50: 0.1, p90: 123_456_789.123456, p99: 1e300, max: 3)
    report.anomalies.unmatched = .max
    report.loss.ratio = 0.1
    #expect(try Self.decode(report.json) == report)
  }

  @Test func aReportWithoutAnythingReadsBackAsItself() throws {
    let report = PingReport(
      target: .init(input: "", address: "", port: 0), mode: "", interface: nil, source: nil, startedAt: "",
      durationMs: 0, attempted: 0, outcomes: .init(), loss: .init(), rttMs: nil, segmentsMs: nil, anomalies: .init(),
      timestamps: .init(), probes: nil)
    #expect(try Self.decode(report.json) == report)
    #expect(!report.json.contains("null"))
  }

  @Test func anEmptyListStays() throws {
    var report = PingReport.sample
    report.probes = []
    #expect(report.json.hasSuffix("\"probes\":[]}"))
  }

  @Test func whatIsNotFiniteIsLeftOut() throws {
    var report = PingReport.sample
    report.loss.ratio = .nan
    #expect(try Self.decode(report.json).loss.ratio == nil)
  }
}
