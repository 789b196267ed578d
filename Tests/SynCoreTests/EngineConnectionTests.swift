import SynCore
import SynTesting
import SynWire
import Testing

/// Probes that the kernel carries out with connect(2).
@Suite struct EngineConnections {
  private static let request = ProbeRequest(
    series: SeriesID(0), sequence: 0, target: Bench.target, timeout: .seconds(2))

  private func outcome(of attempt: ConnectionAttempt?) -> Bench {
    var bench = Bench()
    let id = bench.engine.submit(Self.request, at: Bench.at(0))
    if let attempt { bench.engine.attempted(id, attempt) }
    bench.advance(to: 10)
    bench.advance(to: 2_000)
    return bench
  }

  @Test func anEstablishedConnectionIsOpenWithTheKernelsRoundTrip() {
    let bench = outcome(
      of: ConnectionAttempt(.established(after: .microseconds(250)), retransmissions: 0, localPort: 40_000))
    #expect(bench.outcomes == [.open])
    #expect(bench.results.first?.observation.roundTrip == .microseconds(250))
    #expect(bench.results.first?.observation.network == nil)
    #expect(bench.results.first?.localPort == 40_000)
  }

  @Test func aResetIsClosedWithoutARoundTrip() {
    let bench = outcome(of: ConnectionAttempt(.refused, retransmissions: 0, localPort: 1))
    #expect(bench.outcomes == [.closed])
    #expect(bench.results.first?.observation.roundTrip == nil)
  }

  @Test(arguments: [ConnectionAttempt.End.established(after: .milliseconds(5)), .refused])
  func anAnswerToARepeatedSynIsLateAndTheProbeLost(_ end: ConnectionAttempt.End) {
    let bench = outcome(of: ConnectionAttempt(end, retransmissions: 1, localPort: 1))
    #expect(bench.outcomes == [.lost(.unknown)])
    #expect(bench.anomalies == [.late])
    #expect(bench.results.first?.observation.roundTrip == nil)
  }

  @Test func anICMPErrorIsFiltered() {
    let quoted = ICMPError.QuotedSegment(sourcePort: 1, destination: Bench.target, sequence: SequenceNumber(0))
    let error = ICMPError(sender: Bench.target.address, type: 3, code: 1, quoted: quoted)
    let bench = outcome(of: ConnectionAttempt(.unreachable(error), retransmissions: 0, localPort: 1))
    #expect(bench.outcomes == [.filtered(error)])
  }

  @Test func silenceIsLostAtAPlaceUnknown() {
    let bench = outcome(of: nil)
    #expect(bench.outcomes == [.lost(.unknown)])
  }

  @Test func anAttemptThatEndsAfterTheTimeoutChangesNothing() {
    var bench = Bench()
    let id = bench.engine.submit(Self.request, at: Bench.at(0))
    bench.advance(to: 2_000)
    bench.engine.attempted(id, ConnectionAttempt(.established(after: nil), retransmissions: 0, localPort: 1))
    bench.advance(to: 2_100)
    #expect(bench.outcomes == [.lost(.unknown)])
    #expect(bench.engine.counters.completed == 1)
  }

  @Test func aRunThatEndsCancelsIt() {
    var bench = Bench()
    bench.engine.submit(Self.request, at: Bench.at(0))
    bench.engine.cancel([SeriesID(0)])
    bench.advance(to: 10)
    #expect(bench.outcomes == [.cancelled])
  }
}
