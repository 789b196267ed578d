import SynCore
import SynProbe
import SynWire
import Testing

@Suite struct SlowReader {
  @Test func aReaderThatFallsBehindGetsWhatWaitsAndTheSeriesEndsWithoutAnEnd() async throws {
    let (events, prober) = try SlowReader.series(mostWaiting: 10)
    // Nobody reads; what the series has to say is soon more than may wait.
    for _ in 0..<6_000 {
      let now = await prober.snapshot()
      if now.counters.attempted > 0, now.series == 0 { break }
      try await Task.sleep(for: .milliseconds(5))
    }
    let attempted = await prober.snapshot().counters.attempted
    var (seen, probes) = (0, 0)
    for await event in events {
      seen += 1
      if case .probe = event { probes += 1 }
      if case .ended = event { Issue.record("the series did not come to its end") }
    }
    #expect(seen == 10)
    #expect(attempted > probes, "a probe whose event had no room ended the series")
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
