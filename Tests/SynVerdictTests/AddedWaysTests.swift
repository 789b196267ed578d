import SynTesting
import SynVerdict
import Testing

/// A target with a clock of its own behind a path, and a prober that sends at dithered moments.
struct ClockedPath {
  /// How the target's clock goes.
  struct Clock: Sendable {
    /// Nanoseconds.
    var tick: Int64 = 1_000_000
    /// Gained on the prober's clock, parts of 1.
    var drift = 0.0
    /// Whether each pair of endpoints sees another offset, as since Linux 4.10.
    var hidesBehindPorts = true
  }

  var clock: Clock
  private var generator: SeededGenerator
  private let offset: UInt32

  init(_ clock: Clock, seed: UInt64) {
    self.clock = clock
    generator = SeededGenerator(seed: seed)
    offset = UInt32(truncatingIfNeeded: seed &* 0x9e37_79b9)
  }

  /// The readings of `count` probes, from ports that take turns.
  mutating func readings(
    _ count: Int, every interval: Int64, from start: Int64, ports: Int = 20, forward: Int64 = 0, back: Int64 = 0,
    jitter: Int64 = 0
  ) -> [ClockReading] {
    (0..<count).map { number in
      let port = UInt16(61_000 + number % ports)
      let sent = start + Int64(number) * interval + Int64.random(in: 0..<interval, using: &generator)
      let wander = jitter > 0 ? Int64.random(in: -jitter...jitter, using: &generator) : 0
      let there = 100_000 + Int64.random(in: 0...50_000, using: &generator) + forward + wander
      let home = 100_000 + Int64.random(in: 0...50_000, using: &generator) + back
      let own = clock.hidesBehindPorts ? UInt32(port) &* 2_654_435_761 : offset
      let read = Double(sent + there) * (1 + clock.drift) / Double(clock.tick)
      return ClockReading(
        port: port, sent: sent, received: sent + there + home, ticks: UInt32(truncatingIfNeeded: Int64(read)) &+ own)
    }
  }
}

@Suite struct AddedDelays {
  private static let ms: Int64 = 1_000_000

  /// What is added, in milliseconds, to what clock; and of 10 000 experiments those in which an interval missed.
  struct Row: Sendable {
    var forward: Int64 = 0
    var back: Int64 = 0
    var jitter: Int64 = 0
    var clock = ClockedPath.Clock()
    /// Uses of each port in the baseline: with one alone nothing tells the drift.
    var uses = 3
    var golden = 0
  }

  static let rows = [
    Row(forward: 37, golden: 1), Row(back: 37, golden: 1), Row(forward: 20, back: 10, golden: 1),
    Row(forward: 3, golden: 1), Row(golden: 1), Row(forward: 100, jitter: 10, golden: 1),
    Row(forward: 37, clock: .init(drift: 100e-6), golden: 7), Row(back: 37, clock: .init(drift: -100e-6), golden: 2),
    Row(forward: 37, clock: .init(drift: 50e-6), uses: 1, golden: 4),
    Row(forward: 20, back: 10, clock: .init(tick: 10_000_000)),
    Row(forward: 20, back: 10, clock: .init(tick: 4_000_000, drift: 30e-6, hidesBehindPorts: false), golden: 2),
  ]

  /// The baseline a minute before, and 200 probes at 20 ms.
  private static func ways(_ row: Row, seed: UInt64) throws -> AddedWays {
    var path = ClockedPath(row.clock, seed: seed)
    let baseline = path.readings(20 * row.uses, every: 200 * ms, from: 0)
    let now = path.readings(
      200, every: 20 * ms, from: 60_000 * ms, forward: row.forward * ms, back: row.back * ms, jitter: row.jitter * ms)
    return try AddedWays(now, against: baseline, confidence: 0.95)
  }

  @Test(arguments: rows) func bothIntervalsHold(_ row: Row) throws {
    var misses = 0
    for seed in 0..<10_000 {
      let found = try AddedDelays.ways(row, seed: UInt64(seed) &* 7_919 &+ 1)
      let holds =
        found.forward.interval.contains(row.forward * AddedDelays.ms)
        && found.back.interval.contains(row.back * AddedDelays.ms)
      misses += holds ? 0 : 1
    }
    #expect(misses <= 500)
    #expect(misses == row.golden, "misses \(misses)")
  }

  @Test(arguments: rows) func theIntervalsAreNarrowEnoughToTell(_ row: Row) throws {
    let found = try AddedDelays.ways(row, seed: 3)
    let width = { (way: AddedWays.Way) in way.interval.upperBound - way.interval.lowerBound }
    // Ticks, and what the clocks may drift apart in a minute where nothing tells how much: 100 ppm each way.
    let most = 2 * row.clock.tick + row.jitter * AddedDelays.ms / 2 + 13 * AddedDelays.ms
    #expect(width(found.forward) < most && width(found.back) < most, "\(found)")
  }

  @Test func answersThatCameBeforeTheirQuestionTellNothing() {
    var path = ClockedPath(ClockedPath.Clock(), seed: 1)
    let now = path.readings(200, every: 20 * Self.ms, from: 60_000 * Self.ms)
    let baseline = path.readings(40, every: 200 * Self.ms, from: 0).map { reading in
      ClockReading(port: reading.port, sent: reading.sent, received: reading.sent - 1 << 60, ticks: reading.ticks)
    }
    #expect(Self.absence(now, baseline) == .restarted)
  }

  private static func absence(_ now: [ClockReading], _ baseline: [ClockReading]) -> AddedWays.Absence? {
    do throws(AddedWays.Absence) {
      _ = try AddedWays(now, against: baseline, confidence: 0.95)
      return nil
    } catch { return error }
  }

  @Test func whatCannotBeToldIsAbsentWithItsReason() {
    var path = ClockedPath(.init(), seed: 5)
    let baseline = path.readings(60, every: 200 * Self.ms, from: 0)
    let now = path.readings(60, every: 20 * Self.ms, from: 30_000 * Self.ms)
    #expect(Self.absence([], baseline) == .noClock)
    #expect(Self.absence(now, []) == .noClockBefore)
    #expect(Self.absence(now, Array(baseline.prefix(4))) == .otherPorts)
    let elsewhere = now.map {
      ClockReading(port: $0.port &+ 100, sent: $0.sent, received: $0.received, ticks: $0.ticks)
    }
    #expect(Self.absence(elsewhere, baseline) == .otherPorts)
    var generator = SeededGenerator(seed: 9)
    let restarted = now.map {
      ClockReading(
        port: $0.port, sent: $0.sent, received: $0.received, ticks: UInt32.random(in: .min ... .max, using: &generator))
    }
    #expect(Self.absence(restarted, baseline) == .restarted)
    let stepped = now.map {
      ClockReading(port: $0.port, sent: $0.sent, received: $0.received, ticks: $0.ticks &+ 3_600_000)
    }
    #expect(Self.absence(stepped, baseline) == .restarted)
    let cookies = now.map {
      ClockReading(port: $0.port, sent: $0.sent, received: $0.received, ticks: $0.ticks & ~0x3f | 0x17)
    }
    #expect(Self.absence(cookies, baseline) == .cookies)
  }

  @Test func theClockMayWrapAround() throws {
    var path = ClockedPath(.init(), seed: 11)
    let wrap = { (readings: [ClockReading]) in
      readings.map {
        ClockReading(
          port: $0.port, sent: $0.sent, received: $0.received,
          ticks: $0.ticks &- UInt32($0.port) &* 2_654_435_761 &- 20_000)
      }
    }
    let baseline = wrap(path.readings(60, every: 200 * Self.ms, from: 0))
    let now = wrap(path.readings(60, every: 20 * Self.ms, from: 30_000 * Self.ms, forward: 37 * Self.ms))
    let found = try AddedWays(now, against: baseline, confidence: 0.95)
    #expect(found.forward.interval.contains(37 * Self.ms) && found.back.interval.contains(0))
  }

  /// Whoever answers may claim any clock at any time.
  @Test func noClaimTrapsIt() {
    var generator = SeededGenerator(seed: 13)
    for _ in 0..<200 {
      let draw = { (count: Int) in
        (0..<count).map { _ in
          ClockReading(
            port: UInt16.random(in: 1...8, using: &generator),
            sent: Int64.random(in: 0...1_000_000_000_000, using: &generator),
            received: Int64.random(in: 0...1_000_000_000_000, using: &generator),
            ticks: UInt32.random(in: .min ... .max, using: &generator))
        }
      }
      _ = Self.absence(draw(600), draw(600))
    }
  }
}
