import SynCore
import SynProbe
import SynSystem
import SynVerdict
import SynWire
import Testing

@testable import SynVerify

@Suite struct SavedBaselines {
  private static let target = Endpoint(address: IPAddress(v4: 0xc000_0202), port: 8080)

  static func ping(_ probes: String?, port: Int = 8080, anomalies: String = "\"duplicates\":0") -> String {
    let names = ["duplicates", "retransmissions", "late", "reordered", "corrupt", "unmatched", "capture_drops"]
    let rest = (names + ["clock_steps"]).filter { !anomalies.contains($0) }.map { "\"\($0)\":0" }
    return """
      {"schema":"synprobe.ping/1","target":{"input":"web","address":"192.0.2.2","port":\(port)},"mode":"syn",\
      "started_at":"2026-11-23T22:35:00.000000Z","duration_ms":1,"attempted":1,"outcomes":{"open":1,"closed":0,\
      "filtered":0,"lost":0,"blocked":0,"unexpected":0,"cancelled":0},"loss":{"ratio":0,"egress":0,"network":0,\
      "ingress":0,"unknown":0},"anomalies":{\(([anomalies] + rest).joined(separator: ","))},"timestamps":{}\
      \(probes.map { ",\"probes\":[\($0)]" } ?? "")}
      """
  }

  private static let open = #"{"seq":0,"outcome":"open","rtt_ms":1.5,"egress_ms":0.25,"network_ms":1.2}"#
  private static let lost = #"{"seq":1,"outcome":"lost","where":"ingress"}"#

  @Test func aSavedResultIsReadProbeByProbe() throws {
    let evidence = try SavedBaseline(Self.ping("\(Self.open),\(Self.lost)"), for: Self.target).evidence
    #expect(evidence.samples.map(\.roundTrip) == [1_500_000, nil])
    #expect(evidence.samples.map(\.egress) == [250_000, nil])
    #expect(evidence.samples.map(\.place) == [nil, .ingress])
  }

  @Test func whatWasCountedBesideIsKept() throws {
    let text = Self.ping(
      "\(Self.open),\(Self.open),\(Self.lost)",
      anomalies: "\"duplicates\":1,\"corrupt\":9,\"capture_drops\":3,\"clock_steps\":2")
    let evidence = try SavedBaseline(text, for: Self.target).evidence
    #expect(evidence.samples.map(\.isCopied) == [true, false, false])
    #expect(evidence.samples.map(\.isDamaged) == [false, false, true])
    #expect(evidence.captureDrops == 3 && evidence.clockSteps == 2)
  }

  @Test func ofSeveralResultsThatOfTheTargetIsTaken() throws {
    let text = "[\(Self.ping(Self.lost, port: 1)),\(Self.ping(Self.open))]"
    #expect(try SavedBaseline(text, for: Self.target).evidence.samples.map(\.outcome) == [.open])
    #expect(throws: SavedBaseline.Failure(description: "none of the 1 results in it is of 192.0.2.2:8080")) {
      try SavedBaseline("[\(Self.ping(Self.open, port: 1))]", for: Self.target)
    }
  }

  @Test(arguments: [("1000000000000", 1), ("0", 0), ("1e300", 0)])
  func anAnswerBeforeItsQuestionIsNoReadingOfAClock(_ received: String, _ readings: Int) throws {
    let boot = try #require(SystemClock.boot)
    let answer = "{\"port\":1,\"sent_ms\":1000000000000,\"received_ms\":\(received),\"peer_ticks\":5}"
    let clocks = "\"timestamps\":{},\"clocks\":{\"boot\":\"\(boot)\",\"answers\":[\(answer)]}"
    let text = Self.ping(Self.open).replacing("\"timestamps\":{}", with: clocks)
    #expect(try SavedBaseline(text, for: Self.target).evidence.clock.count == readings)
  }

  @Test func ofAVerificationItsMeasurementIsTaken() throws {
    let text = "{\"schema\":\"synprobe.verify/1\",\"measurement\":\(Self.ping(Self.open))}"
    #expect(try SavedBaseline(text, for: Self.target).evidence.samples.count == 1)
  }

  @Test(arguments: [
    ("", "it is not the JSON of a ping result"), ("{}", "it is not the JSON of a ping result"),
    (ping(nil), "it lists no probes"), (ping(""), "it lists no probes"),
    (ping(#"{"seq":0,"outcome":"melted"}"#), "'melted' is not the outcome of a probe"),
    (ping(#"{"seq":0,"outcome":"open","rtt_ms":1e300}"#), "1e+300 ms is not a time that a probe took"),
    (ping(open).replacing("ping/1", with: "ping/2"), "its schema is 'synprobe.ping/2'"),
  ]) func whatIsNoBaselineIsRefused(_ text: String, _ words: String) {
    #expect {
      try SavedBaseline(text, for: Self.target)
    } throws: { ($0 as? SavedBaseline.Failure)?.description.hasPrefix(words) == true }
  }
}
