import FoundationEssentials
import Testing

@testable import SynProbe

@Suite struct JSONTexts {
  private static func decode(_ text: String) throws -> PingReport {
    try JSONDecoder().decode(PingReport.self, from: Data(text.utf8))
  }

  /// A value of a form as JSON, every member of every object being there.
  static func whole(_ form: ReportForm) -> String {
    switch form {
    case .text, .date: "\"a\\\"\\\\\\u000aé/\u{2028}\""
    case .milliseconds, .share, .number: "0.1"
    case .flag: "true"
    case .integer(let least, _): "\(least)"
    case .oneOf(let words): "\"\(words[0])\""
    case .list(let element, let least):
      "[\(Array(repeating: whole(element), count: max(least, 1)).joined(separator: ","))]"
    case .range(let element): "[\(whole(element)),\(whole(element))]"
    case .object(_, let fields): "{\(fields.map { "\"\($0.name)\":\(whole($0.form))" }.joined(separator: ","))}"
    }
  }

  /// A report in which every member is there.
  private static func wholeReport() throws -> PingReport { try decode(whole(PingReport.form)) }

  @Test(
    arguments: [
      (#"{"a":1,"b":{"a":2},"c":[{"a":1},{"a":2}],"d":"a"}"#, nil), (#"{"a":1,"a":2}"#, "a"),
      (#"{"a":{"b":1,"c":"}","b":2}}"#, "b"), (#"[{"a":1},{"x":[1,{"y":"\"","y":{}}]}]"#, "y"),
      (#"{"loss":1,"lo\u0073s":2}"#, "loss"), (#"{"a\"":1,"a\\":[",","a"],"a":3}"#, nil), ("{}", nil), ("[]", nil),
      (#""a""#, nil), (#"{}"a""#, nil), (#"{"a":1}"a":2,"a":3"#, nil), (#"{"a"#, nil), (#"}{"a":1,"a\"#, nil),
    ] as [(String, String?)]) func aMemberThatIsGivenTwiceIsFound(_ text: String, _ name: String?)
  {
    #expect(JSONTree.doubledMember(of: text) == name)
  }

  @Test func aReportThatHasEverythingIsWrittenAsItWasRead() throws {
    #expect(try Self.wholeReport().json == Self.whole(PingReport.form))
  }

  @Test(arguments: [
    ("rtt_ms.stddev", "0.1"), ("loss.of", "1"), ("anomalies.capture_drops", "0"),
    ("probes.0.icmp.from", "a\"\\\né/\u{2028}"),
    ("probes.0.where", "egress"), ("paths.1.source", "a\"\\\né/\u{2028}"), ("target.port", "1"), ("probes.1.seq", nil),
  ])
  func aPathFindsTheValueThatIsWritten(_ path: String, _ value: String?) throws {
    let path = try FieldPath(path, in: PingReport.self, example: "rtt_ms.p50")
    let report = try Self.wholeReport()
    #expect(path.value(in: report) == value)
  }

  @Test(arguments: [
    "", "rtt_ms", "rtt_ms.p51", "probes.x.seq", "probes", "probes.-1.seq", "mode.0", "rtt_ms..p50", ".",
  ])
  func whatNoResultHasIsNoPath(_ path: String) {
    #expect(throws: FieldPath.ParseError.self) { try FieldPath(path, in: PingReport.self, example: "rtt_ms.p50") }
  }

  @Test func numbersOfAnySizeReadBackAsThemselves() throws {
    var report = try Self.wholeReport()
    report.durationMs = 1e-9
    report.rttMs = .init(
      min: 0.000001, mean: 100, stddev: 1.5e-7, p50: 0.1, p90: 123_456_789.123456, p99: 1e300, max: 3)
    report.anomalies.unmatched = .max
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

  @Test(arguments: ["schema", "target", "outcomes", "anomalies", "attempted"])
  func aReportThatLacksWhatMustBeThereIsNone(_ name: String) throws {
    let text = try Self.wholeReport().json.replacing("\"\(name)\":", with: "\"other\":")
    #expect(throws: DecodingError.self) { try Self.decode(text) }
  }

  @Test func anEmptyListStays() throws {
    var report = try Self.wholeReport()
    report.probes = []
    #expect(report.json.hasSuffix("\"probes\":[]}"))
  }

  @Test func whatIsNotFiniteIsLeftOut() throws {
    var report = try Self.wholeReport()
    report.loss.ratio = .nan
    #expect(try Self.decode(report.json).loss.ratio == nil)
  }
}
