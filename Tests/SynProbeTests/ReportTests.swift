import SynCore
import SynWire
import Testing

@testable import SynProbe

@Suite struct Times {
  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00.000000Z"), (946_684_799_999_999_999, "1999-12-31T23:59:59.999999Z"),
      (951_782_400_000_000_000, "2000-02-29T00:00:00.000000Z"),
      (4_294_967_296_000_001_000, "2106-02-07T06:28:16.000001Z"),
      (9_223_372_036_000_000_000, "2262-04-11T23:47:16.000000Z"),
    ] as [(Int64, String)])
  func timesOfAnyCenturyAreWrittenRight(_ nanoseconds: Int64, _ text: String) {
    #expect(KernelTimestamp(nanoseconds: nanoseconds).rfc3339 == text)
  }
}

@Suite struct Reports {
  private static let target = Endpoint(address: IPAddress(v4: 0xc000_0202), port: 80)

  private func result(_ sequence: Int, _ outcome: ProbeOutcome, roundTrip: Int64? = nil) -> ProbeResult {
    var observation = Observation()
    if let roundTrip {
      observation.queued = KernelTimestamp(nanoseconds: 0)
      observation.sent = KernelTimestamp(nanoseconds: 4_000)
      observation.received = KernelTimestamp(nanoseconds: roundTrip - 2_000)
      observation.delivered = KernelTimestamp(nanoseconds: roundTrip)
    }
    let request = ProbeRequest(series: SeriesID(0), sequence: sequence, target: Self.target, timeout: .seconds(2))
    return ProbeResult(
      id: ProbeID(UInt64(sequence)), request: request, submitted: MonotonicInstant(nanoseconds: 0), localPort: 61_000,
      outcome: outcome, observation: observation,
      reply: nil)
  }

  private func measurement(_ events: [ProbeEvent]) -> Measurement {
    var measurement = Measurement(
      input: "web:80", target: Self.target, mode: .syn, startedAt: KernelTimestamp(nanoseconds: 0),
      began: MonotonicInstant(nanoseconds: 0),
      keepsProbes: true)
    for event in events { measurement.add(event) }
    return measurement
  }

  @Test func everyOutcomeIsCountedOnceAndTheSumIsWhatWasAttempted() {
    let quoted = ICMPError.QuotedSegment(sourcePort: 1, destination: Self.target, sequence: SequenceNumber(0))
    let error = ICMPError(sender: IPAddress(v4: 1), type: 3, code: 13, quoted: quoted)
    let outcomes: [ProbeOutcome] = [
      .open, .closed, .filtered(error), .lost(.egress), .lost(.network), .lost(.ingress), .lost(.unknown),
      .blocked(SendFailure(errno: 1)), .unexpected([.ack]), .cancelled,
    ]
    let report = measurement(outcomes.enumerated().map { .probe(result($0, $1)) })
      .report(ended: MonotonicInstant(nanoseconds: 1_820_100_000), includesProbes: true)
    #expect(report.attempted == 10)
    #expect(report.outcomes == .init(open: 1, closed: 1, filtered: 1, lost: 4, blocked: 1, unexpected: 1, cancelled: 1))
    #expect(report.loss == .init(ratio: 4.0 / 9, of: 9, egress: 1, network: 1, ingress: 1, unknown: 1))
    #expect(report.rttMs == nil && report.segmentsMs == nil, "an answer without stamps has no time")
    #expect(report.durationMs == 1_820.1)
    #expect(report.probes?.compactMap(\.place) == ["egress", "network", "ingress", "unknown"])
    #expect(report.probes?.compactMap(\.errno) == ["EPERM"])
    #expect(report.probes?.compactMap(\.flags) == ["ACK"])
  }

  @Test func timesAreInMillisecondsWithTheirNanoseconds() throws {
    let report = measurement([
      .probe(result(1, .open, roundTrip: 100_214_001)), .probe(result(0, .open, roundTrip: 50_000_000)),
    ])
    .report(ended: MonotonicInstant(nanoseconds: 0), includesProbes: true)
    #expect(report.rttMs?.max == 100.214001)
    #expect(report.rttMs?.p50 == 50)
    #expect(report.segmentsMs?.egress == .init(p50: 0.004, max: 0.004))
    #expect(report.segmentsMs?.network?.max == 100.208001)
    #expect(report.probes?.map(\.seq) == [0, 1], "in the order of their numbers, not of their ends")
    #expect(report.timestamps == .init(queued: "kernel", sent: "kernel", received: "capture", delivered: "kernel"))
  }

  @Test func aLateAnswerKeepsItsRoundTripAtItsProbe() {
    let late = AnomalyReport(.late, series: SeriesID(0), sequence: 0, roundTrip: .milliseconds(2_100))
    let report = measurement([.probe(result(0, .lost(.network))), .report(late)])
      .report(ended: MonotonicInstant(nanoseconds: 0), includesProbes: true)
    #expect(report.anomalies.late == 1)
    #expect(report.probes?.first?.lateMs == 2_100)
    #expect(report.rttMs == nil)
  }
}
