import SynCore
import SynTesting
import SynWire
import Testing

@Suite struct EngineSimulation {
  /// Everything that can happen to a probe, often.
  static func hostile() -> LinkModel {
    var link = LinkModel()
    link.networkDelay = .milliseconds(30)
    link.jitter = .milliseconds(900)
    link.ingressDelay = .milliseconds(1)
    link.egressLoss = 0.05
    link.forwardLoss = 0.1
    link.returnLoss = 0.1
    link.ingressLoss = 0.1
    link.duplication = 0.2
    link.reset = 0.2
    link.unreachable = 0.1
    link.refusal = 0.05
    link.forgery = 0.3
    link.missingStamp = 0.05
    return link
  }

  @Test(arguments: 0..<20 as Range<UInt64>) func everyProbeEndsExactlyOnceAndTheIdentityHolds(_ seed: UInt64) throws {
    var driver = EngineDriver(seed: seed, link: Self.hostile())
    try driver.run(count: 500, interval: .milliseconds(7), timeout: .milliseconds(800), linger: .seconds(9))
    #expect(driver.results.count == 500)
    #expect(Set(driver.results.map(\.request.sequence)).count == 500)
    let counters = driver.engine.counters
    #expect(counters.attempted == 500)
    #expect(counters.completed == 500)
    #expect(driver.engine.inFlight == 0)
    var statistics = SeriesStatistics()
    for result in driver.results { statistics.add(result) }
    for kind in ProbeOutcome.Kind.allCases {
      #expect(UInt64(statistics.count(kind)) == counters.outcomes[kind, default: 0])
    }
    #expect(statistics.losses.values.reduce(0, +) == statistics.count(.lost))
  }

  @Test(arguments: 0..<4 as Range<UInt64>) func twoRunsWithOneSeedAreIdentical(_ seed: UInt64) throws {
    var first = EngineDriver(seed: seed, link: Self.hostile())
    var second = EngineDriver(seed: seed, link: Self.hostile())
    try first.run(count: 500, interval: .milliseconds(3))
    try second.run(count: 500, interval: .milliseconds(3))
    #expect(first.results == second.results)
    #expect(first.reports == second.reports)
  }

  @Test func noForgedReplyIsEverAccepted() throws {
    var link = LinkModel()
    link.forwardLoss = 1
    link.forgery = 1
    var driver = EngineDriver(seed: 9, link: link)
    try driver.run(count: 20_000, interval: .milliseconds(1))
    #expect(driver.engine.counters.outcomes == [.lost: 20_000])
    #expect(driver.engine.counters.anomalies == [.unmatched: 20_000])
  }

  @Test func duplicatesAreCountedAndAreNoLoss() throws {
    var link = LinkModel()
    link.duplication = 0.25
    var driver = EngineDriver(seed: 3, link: link)
    try driver.run(count: 1_000, interval: .milliseconds(5), linger: .seconds(1))
    #expect(driver.engine.counters.outcomes == [.open: 1_000])
    let duplicates = driver.engine.counters.anomalies[.duplicates] ?? 0
    #expect((200...300).contains(duplicates))
    #expect(driver.engine.counters.anomalies.count == 1)
  }

  @Test func theProbeNumberMayPassTheKeysLimit() throws {
    var driver = EngineDriver(seed: 4, firstID: UInt64(UInt32.max) - 5)
    try driver.run(count: 20)
    #expect(driver.engine.counters.outcomes == [.open: 20])
    #expect(driver.results.allSatisfy { $0.observation.isComplete })
  }

  /// Loss in one direction or both, against delay: what is injected is what is reported, to the microsecond.
  @Test func lossTimesDelayIsReportedAsInTheGoldenTable() throws {
    var table = "loss fwd/ret  delay   attempted  open  lost  egress  network  ingress      p50      p99  repeats\n"
    for (forward, back) in [(0.0, 0.0), (0.3, 0.0), (0.0, 0.3), (0.1, 0.1), (1.0, 0.0)] {
      for delay in [1, 100, 1_500] {
        table += try Self.row(forward, back, delay) + "\n"
      }
    }
    #expect(table == Self.golden)
  }

  private static func row(_ forward: Double, _ back: Double, _ delay: Int) throws -> String {
    var link = LinkModel()
    link.forwardLoss = forward
    link.returnLoss = back
    link.networkDelay = .milliseconds(delay)
    var driver = EngineDriver(seed: 42, link: link)
    try driver.run(count: 1_000, interval: .milliseconds(50))
    var statistics = SeriesStatistics()
    for result in driver.results { statistics.add(result) }
    for report in driver.reports { statistics.add(report) }
    func column(_ value: some CustomStringConvertible, _ width: Int) -> String {
      let text = "\(value)"
      return String(repeating: " ", count: max(width - text.count, 0)) + text
    }
    func milliseconds(_ ratio: Double) -> String {
      statistics.roundTrip.quantile(ratio).map { "\(Double($0.nanoseconds / 1_000) / 1_000)" } ?? "-"
    }
    let losses = [LossPlace.egress, .network, .ingress].map { statistics.losses[$0] ?? 0 }
    return "\(Int(forward * 100))/\(Int(back * 100))".padded(12) + column(delay, 7) + column(statistics.attempted, 12)
      + column(statistics.count(.open), 6) + column(statistics.count(.lost), 6) + column(losses[0], 8)
      + column(losses[1], 9) + column(losses[2], 9) + column(milliseconds(0.5), 9) + column(milliseconds(0.99), 9)
      + column(statistics.anomalies[.retransmissions] ?? 0, 9)
  }

  private static let golden = """
    loss fwd/ret  delay   attempted  open  lost  egress  network  ingress      p50      p99  repeats
    0/0               1        1000  1000     0       0        0        0    1.007    1.007        0
    0/0             100        1000  1000     0       0        0        0  100.007  100.007        0
    0/0            1500        1000  1000     0       0        0        0 1500.007 1500.007        0
    30/0              1        1000   696   304       0      304        0    1.007    1.007        0
    30/0            100        1000   696   304       0      304        0  100.007  100.007        0
    30/0           1500        1000   696   304       0      304        0 1500.007 1500.007        0
    0/30              1        1000   683   317       0      317        0    1.007    1.007      301
    0/30            100        1000   683   317       0      317        0  100.007  100.007      301
    0/30           1500        1000   683   317       0      317        0 1500.007 1500.007        0
    10/10             1        1000   818   182       0      182        0    1.007    1.007       79
    10/10           100        1000   818   182       0      182        0  100.007  100.007       79
    10/10          1500        1000   818   182       0      182        0 1500.007 1500.007        0
    100/0             1        1000     0  1000       0     1000        0        -        -        0
    100/0           100        1000     0  1000       0     1000        0        -        -        0
    100/0          1500        1000     0  1000       0     1000        0        -        -        0

    """
}

extension String {
  fileprivate func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(width - count, 0)) }
}
