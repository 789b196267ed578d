import SynCore
import SynProbe
import SynVerdict
import SynWire
import Testing

@testable import SynVerify

/// The window of a series that goes on.
@Suite struct ProbeWindows {
  private static func moment(_ milliseconds: Int) -> MonotonicInstant {
    Events.start.advanced(by: .milliseconds(milliseconds))
  }

  /// A probe every millisecond.
  private func ended(_ sequence: Int, _ outcome: ProbeOutcome = .open) -> ProbeResult {
    ProbeResult(
      id: ProbeID(UInt64(sequence)),
      request: ProbeRequest(series: SeriesID(1), sequence: sequence, target: Events.endpoint, timeout: .seconds(2)),
      submitted: Self.moment(sequence), localPort: 40_000, outcome: outcome, observation: Observation(), reply: nil)
  }

  @Test func aProbeThatHasNotEndedEndsTheEvidence() {
    var window = ProbeWindow(length: .seconds(1))
    for sequence in [0, 1, 3, 4] { window.add(ended(sequence)) }
    #expect(window.evidence(.seconds(1), at: Self.moment(5)).samples.count == 2)
    window.add(ended(2, .lost(.network)))
    let samples = window.evidence(.seconds(1), at: Self.moment(5)).samples
    #expect(samples.map(\.outcome) == [.open, .open, .lost, .open, .open])
  }

  @Test func whatIsOlderThanAsksForIsLeftOut() {
    var window = ProbeWindow(length: .seconds(1))
    for sequence in 0..<100 { window.add(ended(sequence)) }
    #expect(window.evidence(.milliseconds(10), at: Self.moment(100)).samples.count == 10)
    window.advance(to: Self.moment(1050))
    #expect(window.evidence(.seconds(1), at: Self.moment(1050)).samples.count == 50)
  }

  @Test func itHoldsSoManyThatHaveEndedAndAllThatHaveNot() {
    var window = ProbeWindow(length: .seconds(100), most: 80)
    // The first loss takes 500 probes to be known: nothing behind it is evidence, and nothing of it is forgotten.
    for sequence in 1..<500 { window.add(ended(sequence)) }
    #expect(window.evidence(.seconds(100), at: Self.moment(500)).samples.isEmpty)
    window.add(ended(0, .lost(.network)))
    #expect(window.evidence(.seconds(100), at: Self.moment(500)).samples.count == 80)
    for sequence in 500..<2000 { window.add(ended(sequence)) }
    #expect(window.evidence(.seconds(100), at: Self.moment(2000)).samples.count == 80)
  }

  @Test func aLossWhileThisHostDroppedIsItsOwnAndNotThePaths() {
    var window = ProbeWindow(length: .seconds(100))
    let drops = AnomalyReport(.captureDrops, series: nil, sequence: nil)
    #expect(!window.add(ended(0, .lost(.unknown))).isOwnShortage)
    window.add(drops, at: Self.moment(1_000))
    #expect(window.add(ended(1, .lost(.unknown))).isOwnShortage)
    #expect(!window.add(ended(2)).isOwnShortage, "an answer is one")
    for sequence in 3...1_001 { window.add(ended(sequence)) }
    #expect(!window.add(ended(1_002, .lost(.unknown))).isOwnShortage, "it left after that")
    window.add(drops, at: Self.moment(9_000))
    #expect(!window.add(ended(1_003, .lost(.network))).isOwnShortage, "it was lost long before")
  }

  @Test func whatIsToldOfAProbeIsKeptWhetherItHasEndedOrNot() {
    var window = ProbeWindow(length: .seconds(1))
    window.add(AnomalyReport(.duplicates, series: SeriesID(1), sequence: 1), at: Self.moment(0))
    for sequence in 0..<3 { window.add(ended(sequence)) }
    window.add(AnomalyReport(.reordered, series: SeriesID(1), sequence: 2), at: Self.moment(3))
    window.add(AnomalyReport(.captureDrops, series: SeriesID(1), sequence: nil), at: Self.moment(3))
    let evidence = window.evidence(.seconds(1), at: Self.moment(3))
    #expect(evidence.samples.map(\.isCopied) == [false, true, false])
    #expect(evidence.samples.map(\.isOvertaken) == [false, false, true])
    #expect(evidence.captureDrops == 1)
    #expect(window.evidence(.seconds(1), at: Self.moment(1100)).captureDrops == 0)
  }

  @Test func pieceByPieceEachProbeIsThereOnce() {
    var window = ProbeWindow(length: .seconds(1))
    for sequence in [0, 1, 3] { window.add(ended(sequence, .open)) }
    let first = window.samples(from: 0)
    window.add(ended(2, .lost(.network)))
    let second = window.samples(from: first.next)
    #expect(first.samples.map(\.outcome) == [.open, .open] && first.next == 2)
    #expect(second.samples.map(\.outcome) == [.lost, .open] && second.next == 4)
    window.advance(to: Self.moment(5000))
    #expect(window.samples(from: 0).samples.isEmpty && window.samples(from: 0).next == 4)
  }

  @Test func aReportAddsUpToItsProbes() {
    var window = ProbeWindow(length: .seconds(1))
    let outcomes: [ProbeOutcome] = [.open, .closed, .lost(.egress), .open, .cancelled]
    for (sequence, outcome) in outcomes.enumerated() { window.add(ended(sequence, outcome)) }
    let report = WindowReport(window.evidence(.seconds(1), at: Self.moment(5)).samples)
    #expect(
      report.attempted == 4 && report.outcomes.open == 2 && report.outcomes.closed == 1 && report.outcomes.lost == 1)
    #expect(report.lossRatio == 0.25 && report.rttMs == nil)
  }
}
