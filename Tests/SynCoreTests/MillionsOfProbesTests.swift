import SynTesting
import Testing

@testable import SynCore

/// What the engine keeps of very many probes; run optimised, like the tables of coverage.
@Suite struct MillionsOfProbes {
  @Test func aMillionInFlightAtOnceEndOnceEach() throws {
    var link = EngineSimulation.hostile()
    link.refusal = 0
    link.networkDelay = .milliseconds(500)
    var driver = EngineDriver(seed: 1, link: link)
    driver.keepsResults = false
    let count = 1_000_000
    for sequence in 0..<count { driver.submit(sequence, .seconds(1)) }
    #expect(driver.engine.counters.attempted == UInt64(count))
    #expect(driver.engine.inFlight == count)
    driver.run(until: driver.now.advanced(by: .seconds(2)))
    let counters = driver.engine.counters
    #expect(driver.engine.inFlight == 0)
    #expect(counters.attempted == UInt64(count))
    #expect(counters.outcomes.values.reduce(0, +) == UInt64(count))
    for kind in [ProbeOutcome.Kind.open, .closed, .filtered, .lost] {
      #expect(counters.outcomes[kind, default: 0] > 10_000, "\(kind)")
    }
  }

  @Test func whatIsKeptOfEveryProbeIsSmall() {
    #expect(MemoryLayout<InFlightProbe?>.stride <= 104)
    #expect(MemoryLayout<EndedProbe?>.stride <= 80)
  }
}
