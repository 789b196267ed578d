import SynCore
import Testing

@testable import SynCommand

@Suite struct EventPaces {
  private static func at(_ microseconds: Int64) -> MonotonicInstant {
    MonotonicInstant(nanoseconds: 1_000_000_000 + microseconds * 1_000)
  }

  @Test func aSlowRunAndAShortOneAreAnsweredAtOnce() {
    var pace = EventPace()
    for wake in 0..<1_000 {
      pace.took(1, at: Self.at(Int64(wake) * 1_000))
      #expect(!pace.isFast)
    }
    var short = EventPace()
    for wake in 0..<15 { short.took(1, at: Self.at(Int64(wake))) }
    #expect(!short.isFast)
  }

  @Test func theEventsOfAFastRunGatherUntilItIsSlowAgain() {
    var pace = EventPace()
    for wake in 0..<30 where !pace.isFast { pace.took(1, at: Self.at(Int64(wake) * 100)) }
    #expect(pace.isFast)
    pace.took(20, at: Self.at(5_000))
    #expect(pace.isFast)
    pace.took(1, at: Self.at(7_000))
    #expect(!pace.isFast)
  }
}
