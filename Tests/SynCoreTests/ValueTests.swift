import SynCore
import SynTesting
import SynWire
import Testing

@Suite struct Values {
  /// The first rows of the reference vectors in the SipHash paper's program: key 00…0f, input 00…(n-1).
  @Test(
    arguments: [
      (0, 0x726f_db47_dd0e_0e31), (8, 0x93f5_f579_9a93_2462), (16, 0x3f2a_cc7f_57c2_9bdb), (24, 0xb8ad_50c6_f649_af94),
    ] as [(Int, UInt64)])
  func sipHashGivesThePapersValues(_ length: Int, _ expected: UInt64) {
    let words: [UInt64] = stride(from: 0, to: length, by: 8).map { start in
      var word: UInt64 = 0
      for byte in 0..<8 { word |= UInt64(start + byte) << UInt64(byte * 8) }
      return word
    }
    let hash = SipHash(key: (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908))
    #expect(hash.hash(words.span) == expected)
    if length == 16 { #expect(hash.hash([words[0], words[1]]) == expected) }
    if length == 24 { #expect(hash.hash([words[0], words[1], words[2]]) == expected) }
  }

  @Test func identitiesDependOnEverythingTheyAreMadeOf() {
    let target = Endpoint(address: IPAddress(v4: 0xc000_0201), port: 80)
    let other = Endpoint(address: IPAddress(v4: 0xc000_0202), port: 80)
    let port = Endpoint(address: IPAddress(v4: 0xc000_0201), port: 81)
    let key = IdentityAllocator(key: (1, 2))
    let numbers = [
      key.identity(of: ProbeID(0), to: target, from: 1), key.identity(of: ProbeID(1), to: target, from: 1),
      key.identity(of: ProbeID(0), to: other, from: 1), key.identity(of: ProbeID(0), to: port, from: 1),
      key.identity(of: ProbeID(0), to: target, from: 2),
      IdentityAllocator(key: (1, 3)).identity(of: ProbeID(0), to: target, from: 1),
    ].map(\.initialSequence)
    #expect(Set(numbers).count == numbers.count)
  }

  @Test(
    arguments: [
      (0, 0, 0), (5, 3, 3), (0x1_0000_0003, 2, 0x1_0000_0002), (0x1_0000_0003, 0xffff_fffe, 0xffff_fffe),
      (0x2_0000_0000, 0xffff_ffff, 0x1_ffff_ffff),
    ] as [(UInt64, UInt32, UInt64)])
  func aStampKeyMeansTheNewestProbeThatItFits(_ newest: UInt64, _ key: UInt32, _ expected: UInt64) {
    #expect(ProbeID(stampKey: key, notAfter: ProbeID(newest)) == ProbeID(expected))
  }

  @Test func aStampKeyFromBeforeTheFirstProbeMeansNone() {
    #expect(ProbeID(stampKey: 7, notAfter: ProbeID(3)) == nil)
  }

  @Test func theScheduleKeepsItsBeatAndMakesNoBurstAfterAStall() {
    var schedule = ProbeSchedule(count: 4, interval: .milliseconds(100), start: Bench.at(0))
    #expect(schedule.take(at: Bench.at(3)) == 0)
    #expect(schedule.due == Bench.at(100))
    #expect(schedule.take(at: Bench.at(99)) == nil)
    #expect(schedule.take(at: Bench.at(130)) == 1)
    #expect(schedule.due == Bench.at(200), "being a little late does not shift the beat")
    #expect(schedule.take(at: Bench.at(480)) == 2)
    #expect(schedule.take(at: Bench.at(529)) == nil)
    #expect(schedule.take(at: Bench.at(530)) == 3, "at half the interval until the plan is caught up with")
    #expect(schedule.due == nil)
  }

  @Test(arguments: [(100, 60), (10, 150), (1_000, 70), (200_000, 70)])
  func aThreadThatWakesALittleLateEachTimeSendsAllTheSame(_ interval: Int64, _ late: Int64) {
    let interval = Duration.microseconds(interval)
    var schedule = ProbeSchedule(count: 2_000, interval: interval, start: Bench.at(0), seed: 1)
    var now = Bench.at(0)
    var together = 0
    while let due = schedule.due {
      if due > now {
        now = due.advanced(by: .microseconds(late))
        together = 0
      }
      guard schedule.take(at: now) != nil else { continue }
      together += 1
      #expect(interval * together <= interval * 2 + .milliseconds(2), "no burst")
    }
    #expect(schedule.taken == 2_000)
    #expect(now.since(Bench.at(0)) <= interval * 2_000 + .milliseconds(1))
  }

  @Test func aSeriesThatIsHeldUpEndsWithItsPlan() {
    var schedule = ProbeSchedule(count: 10, interval: .milliseconds(100), start: Bench.at(0))
    #expect(schedule.take(at: Bench.at(0)) == 0)
    #expect(schedule.take(at: Bench.at(1_790)) == 1)
    #expect(schedule.due == nil)
    #expect(schedule.end == Bench.at(1_800))
  }

  @Test func portsRotateAndRestAsLongAsTheTargetMayRememberThem() {
    let target = Endpoint(address: IPAddress(v4: 1), port: 1)
    let other = Endpoint(address: IPAddress(v4: 2), port: 1)
    var rotation = PortRotation()
    rotation.add(10)
    rotation.add(11)
    #expect(rotation.take(for: target, at: Bench.at(0)) == 10)
    #expect(rotation.take(for: target, at: Bench.at(0)) == 11)
    #expect(rotation.take(for: target, at: Bench.at(0)) == nil)
    #expect(rotation.take(for: other, at: Bench.at(0)) == 10, "another target does not mind")
    rotation.release(11, for: target, .clean, at: Bench.at(5))
    #expect(rotation.take(for: target, at: Bench.at(5)) == 11)
    rotation.release(11, for: target, .answered, at: Bench.at(6))
    #expect(rotation.take(for: target, at: Bench.at(4_005)) == nil)
    #expect(rotation.take(for: target, at: Bench.at(4_006)) == 11)
    rotation.release(10, for: target, .unanswered, at: Bench.at(6))
    #expect(rotation.take(for: target, at: Bench.at(60_005)) == nil)
    #expect(rotation.take(for: target, at: Bench.at(60_006)) == 10)
    #expect(rotation.takeResting(for: target, at: Bench.at(60_007)) == nil, "both are in flight")
    rotation.release(10, for: target, .unanswered, at: Bench.at(61_000))
    rotation.release(11, for: target, .answered, at: Bench.at(61_001))
    #expect(rotation.takeResting(for: target, at: Bench.at(61_002)) == 10, "it has rested longest")
    #expect(rotation.takeResting(for: target, at: Bench.at(61_002)) == 11)
    #expect(rotation.takeResting(for: target, at: Bench.at(61_002)) == nil)
  }

  @Test func whereEveryThirdProbeIsLostNoPortComesRoundSoonerThanAllOfThem() {
    let target = Endpoint(address: IPAddress(v4: 1), port: 1)
    var rotation = PortRotation()
    for port in UInt16(0)..<1_000 { rotation.add(port) }
    var lastUse: [UInt16: Int] = [:]
    var shortest = Int.max
    for millisecond in 0..<20_000 {
      let now = Bench.at(Int64(millisecond))
      guard let port = rotation.take(for: target, at: now) ?? rotation.takeResting(for: target, at: now) else {
        Issue.record("no port at \(millisecond) ms")
        return
      }
      if let last = lastUse[port] { shortest = min(shortest, millisecond - last) }
      lastUse[port] = millisecond
      rotation.release(port, for: target, millisecond % 3 == 0 ? .unanswered : .answered, at: now)
    }
    #expect(shortest >= 990, "and a target's challenge, which it sends twice a second at most, is heard")
  }

  @Test(arguments: [true, false]) func aStampThatComesAfterItsCallIsFoundByCountingWhileNoCallHasFailed(_ fails: Bool) {
    var ledger = StampLedger()
    ledger.sent(ProbeID(7), from: Bench.stamp(0), to: Bench.stamp(1), isAccepted: !fails)
    ledger.sent(ProbeID(8), from: Bench.stamp(10), to: Bench.stamp(11))
    #expect(ledger.probe(.queued, key: 0, at: Bench.stamp(580)) == (fails ? nil : ProbeID(7)))
    #expect(ledger.probe(.queued, key: 1, at: Bench.stamp(580)) == (fails ? nil : ProbeID(8)))
  }

  @Test func theLedgerFindsTheProbeWhoseCallSurroundsTheStamp() {
    var ledger = StampLedger()
    ledger.sent(ProbeID(7), from: Bench.stamp(10), to: Bench.stamp(11))
    ledger.sent(ProbeID(8), from: Bench.stamp(20), to: Bench.stamp(21))
    #expect(ledger.probe(.sent, key: 3, at: Bench.stamp(21)) == nil, "no queued stamp has told the key yet")
    #expect(ledger.probe(.queued, key: 3, at: Bench.stamp(20)) == ProbeID(8))
    #expect(ledger.probe(.sent, key: 3, at: Bench.stamp(90)) == ProbeID(8))
    #expect(ledger.probe(.queued, key: 1, at: Bench.stamp(11)) == ProbeID(7), "keys may skip and come out of order")
    #expect(ledger.probe(.queued, key: 3, at: Bench.stamp(10)) == ProbeID(8), "a stacked device's second stamp")
    #expect(ledger.probe(.queued, key: 9, at: Bench.stamp(15)) == nil)
  }

  @Test func quantilesAreMeasuredValuesByTheNearestRank() {
    var distribution = LatencyDistribution()
    #expect(distribution.quantile(0.5) == nil)
    for value in (1...100).reversed() { distribution.add(.nanoseconds(value)) }
    distribution.add(.nanoseconds(-1))
    #expect(distribution.count == 100)
    #expect(distribution.quantiles([0, 0.5, 0.9, 0.99, 1]) == [1, 50, 90, 99, 100].map { .nanoseconds($0) })
    #expect(distribution.average == .nanoseconds(51))
    #expect(distribution.standardDeviation == .nanoseconds(29))
  }

  @Test(arguments: [0, 1, 1_024, LatencyDistribution.usualExactLimit])
  func beyondTheExactLimitQuantilesAreRightToOnePartInAThousand(_ limit: Int) throws {
    var generator = SeededGenerator(seed: 5)
    var distribution = LatencyDistribution(exactLimit: limit)
    var values: [Int64] = []
    for _ in 0..<max(limit * 2, 10_000) {
      let value = Int64.random(in: 0...(1 << Int64.random(in: 3...40, using: &generator)), using: &generator)
      values.append(value)
      distribution.add(.nanoseconds(value))
    }
    values.sort()
    for ratio in [0.001, 0.1, 0.5, 0.9, 0.99, 0.9999] {
      let exact = Double(values[Int((ratio * Double(values.count)).rounded(.up)) - 1])
      let estimate = Double(try #require(distribution.quantile(ratio)).nanoseconds)
      #expect(abs(estimate - exact) <= exact / 1_000 + 1, "at \(ratio)")
    }
    #expect(distribution.minimum == .nanoseconds(values[0]))
    #expect(distribution.quantile(1) == .nanoseconds(values[values.count - 1]))
  }

  @Test func durationsHoldAtTheEndsOfTheirRange() {
    #expect(Duration.seconds(Int64.max).nanoseconds == .max)
    #expect(Duration.seconds(Int64.min).nanoseconds == .min)
    #expect(MonotonicInstant(nanoseconds: .max - 1).advanced(by: .seconds(1)).nanoseconds == .max)
  }
}
