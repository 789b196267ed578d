import SynCore
import SynIO
import SynProbe
import SynWire
import Testing

@Suite struct SlowReader {
  @Test func aReaderThatFallsBehindGetsWhatWaitsAndTheSeriesEndsWithoutAnEnd() async throws {
    let (events, prober) = try SlowReader.series(mostWaiting: 10)
    for _ in 0..<1_000 where await prober.snapshot().counters.completed < 10 {
      try await Task.sleep(for: .milliseconds(5))
    }
    try await Task.sleep(for: .milliseconds(50))
    let attempted = await prober.snapshot().counters.attempted
    #expect(attempted >= 10, "the tenth probe's event has no room, and ends the series")
    var seen = 0
    for await event in events {
      seen += 1
      if case .ended = event { Issue.record("the series did not come to its end") }
    }
    #expect(seen == 10)
    #expect(await prober.snapshot().counters.attempted == attempted, "no probe leaves any more")
  }

  @Test func aReaderThatKeepsUpGetsAll() async throws {
    let (events, _) = try SlowReader.series(count: 30, mostWaiting: 100)
    var probes = 0
    var isEnded = false
    for await event in events {
      if case .probe = event { probes += 1 }
      if case .ended = event { isEnded = true }
    }
    #expect(probes == 30 && isEnded)
  }

  private static func series(
    count: Int? = nil, mostWaiting: Int
  ) throws -> (events: AsyncStream<ProbeEvent>, prober: Prober) {
    var configuration = ProberConfiguration()
    configuration.mode = .connect
    let prober = try Prober(configuration)
    // Nothing listens on port 1 of loopback: each attempt is refused at once.
    let target = Endpoint(address: IPAddress(v4: 0x7f00_0001), port: 1)
    let plan = SeriesPlan(target: target, count: count, interval: .milliseconds(1), timeout: .seconds(1))
    return (prober.events(of: plan, mostWaiting: mostWaiting), prober)
  }
}
