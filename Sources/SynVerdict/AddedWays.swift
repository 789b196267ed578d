/// How much a delay grew on each way since a baseline, by the target's own clock and without a clock in common.
///
/// The target stamps its answer when the SYN arrives: its clock less the moment of sending is the way there, but for an
/// offset that nobody knows, and that is the same in the baseline, source port by source port. What the offset's
/// difference leaves is what was added on the way there, and the rest of the round trip's growth was added on the way back.
///
/// The clock's ticks are coarse, 1 ms as a rule: the moment of sending is dithered, so that their phase is even, and the
/// median over the ports is not pinned to them. The two clocks drift apart meanwhile; the drift is fitted where ports were
/// used again within a series, and is else bounded by what a computer's quartz does.
public struct AddedWays: Hashable, Sendable {
  /// What was added on one way, nanoseconds.
  public struct Way: Hashable, Sendable {
    /// The best single value.
    public let estimate: Int64
    /// Where the true one lies.
    public let interval: ClosedRange<Int64>
  }

  /// Why the ways cannot be told apart.
  public enum Absence: Error, Hashable, Sendable, CustomStringConvertible {
    /// The target's answers carry no timestamps.
    case noClock
    /// Those of the baseline carried none, or it is of another start of this host.
    case noClockBefore
    /// Too few source ports are those of the baseline.
    case otherPorts
    /// The target answers by SYN cookies.
    case cookies
    /// The target's clock is another one.
    case restarted

    /// A sentence without a full stop.
    public var description: String {
      switch self {
      case .noClock: "the target's answers carry no timestamps"
      case .noClockBefore:
        "the baseline has no timestamps of the target's clock, or none from this start of this host: save a new one"
      case .otherPorts: "too few source ports are those of the baseline"
      case .cookies: "the target answers by SYN cookies, which use the low bits of its clock"
      case .restarted:
        "the target's clock is not that of the baseline: it was restarted, stepped, is rewritten on the way, or SYN cookies"
          + " use its low bits"
      }
    }
  }

  /// On the way to the target.
  public let forward: Way
  /// On the way back.
  public let back: Way

  /// A computer's quartz is no worse than that, as a rule; parts of 1.
  public static let largestDrift = 100e-6
  private static let fewestPorts = 5
  private static let fewestSlopes = 8
  /// Of the ports so many may be odd, as those that another host behind the address answered.
  private static let oddPorts = 0.2
  /// The ticks that stacks use, nanoseconds: Linux, BSD and macOS 1 ms; older Linux 4 ms and 10 ms.
  private static let tickLengths: [Int64] = [1_000_000, 10_000_000, 4_000_000]

  /// Compares a measurement with a baseline.
  /// - Parameters:
  ///   - now: What is being measured.
  ///   - baseline: What was measured before, from the same source ports as far as possible.
  ///   - confidence: That both intervals hold, however often one looks; above 0, below 1.
  /// - Throws: `Absence` where the ways cannot be told apart.
  public init(
    _ now: [ClockReading], against baseline: [ClockReading], confidence: Double
  ) throws(Absence) {
    guard !now.isEmpty else { throw .noClock }
    guard !baseline.isEmpty else { throw .noClockBefore }
    if AddedWays.areCookies(now) || AddedWays.areCookies(baseline) { throw .cookies }
    let pairs = AddedWays.pairs(now, baseline)
    guard pairs.count >= AddedWays.fewestPorts else { throw .otherPorts }
    guard let (tick, sound) = AddedWays.clock(of: pairs) else { throw .restarted }
    let error = 1 - confidence
    let drift = AddedWays.drift(of: sound, tick, confidence: 1 - error / 3)
    let mixture = BinomialMixture(confidence: 1 - error / 3)
    let way = { (shifts: [(shift: Int64, apart: Int64)], sign: Double) in
      AddedWays.way(shifts, drift: drift, sign: sign, mixture)
    }
    guard let forward = way(sound.map { $0.forward(tick) }, 1), let back = way(sound.map { $0.back(tick) }, -1) else {
      throw .otherPorts
    }
    self.forward = forward
    self.back = back
  }

  // MARK: The clock

  /// In cookie mode the low six bits of the clock hold options: at one port it goes by 64 ticks.
  private static func areCookies(_ readings: [ClockReading]) -> Bool {
    var steps: [UInt32] = []
    for port in Dictionary(grouping: readings, by: \.port).values {
      steps += zip(port, port.dropFirst()).map { $1.ticks &- $0.ticks }.filter { $0 != 0 }
    }
    return steps.count >= fewestSteps && steps.allSatisfy { $0 & 0x3f == 0 }
  }

  private static let fewestSteps = 4

  private static func pairs(_ now: [ClockReading], _ baseline: [ClockReading]) -> [PortPair] {
    let before = Dictionary(grouping: baseline, by: \.port)
    return Dictionary(grouping: now, by: \.port).compactMap { port, readings in
      before[port].map { PortPair(now: readings, before: $0) }
    }
  }

  /// The length of the target's tick, and the ports at which its clock went on: what was added cannot be more than a whole
  /// round trip.
  private static func clock(of pairs: [PortPair]) -> (tick: Int64, sound: [PortPair])? {
    for tick in tickLengths {
      let sound = pairs.filter { $0.isPlausible(tick) }
      if Double(pairs.count - sound.count) <= oddPorts * Double(pairs.count) { return (tick, sound) }
    }
    return nil
  }

  /// By how much the target's clock gains on this host's, by the ports that were used again within a series.
  private static func drift(of pairs: [PortPair], _ tick: Int64, confidence: Double) -> ClosedRange<Double> {
    let series = [pairs.map(\.before), pairs.map(\.now)]
    let slopes = series.flatMap { ports in AddedWays.slopes(ports.flatMap { PortPair.gains($0, tick) }) }.sorted()
    guard slopes.count >= fewestSlopes else { return -largestDrift...largestDrift }
    let interval = QuantileInterval.interval(of: slopes, 0.5, by: BinomialMixture(confidence: confidence))
    let lower = min(max(interval.lower ?? -largestDrift, -largestDrift), largestDrift)
    let upper = max(min(interval.upper ?? largestDrift, largestDrift), lower)
    return lower...upper
  }

  /// Of uses that lie close together the ticks drown the drift.
  ///
  /// All of a series count or none: to choose one by one would choose phases of the tick.
  private static func slopes(_ gains: [(gain: Int64, apart: Int64)]) -> [Double] {
    let apart = gains.map(\.apart).sorted()
    guard !apart.isEmpty, apart[apart.count / 2] >= shortestSlope else { return [] }
    return gains.map { Double($0.gain) / Double($0.apart) }
  }

  private static let shortestSlope: Int64 = 1_500_000_000

  private static func way(
    _ shifts: [(shift: Int64, apart: Int64)], drift: ClosedRange<Double>, sign: Double, _ mixture: BinomialMixture
  ) -> Way? {
    let best = (drift.lowerBound + drift.upperBound) / 2
    let corrected = { (drift: Double) in
      shifts.map { $0.shift - Int64((Double($0.apart) * drift * sign).rounded()) }.sorted()
    }
    let ends = [drift.lowerBound, drift.upperBound].map {
      QuantileInterval.interval(of: corrected($0), 0.5, by: mixture)
    }
    let lower = ends.compactMap(\.lower)
    let upper = ends.compactMap(\.upper)
    guard lower.count == 2, upper.count == 2, let least = lower.min(), let most = upper.max() else { return nil }
    let middle = corrected(best)
    return Way(estimate: middle[middle.count / 2], interval: least...most)
  }
}

/// One source port in both series.
private struct PortPair {
  let now: [ClockReading]
  let before: [ClockReading]

  /// The clock less the moment of sending, of one reading after another, in the turn of the first.
  private static func offsets(_ readings: [ClockReading], from origin: ClockReading, _ tick: Int64) -> [Int64] {
    readings.map {
      Int64(Int32(truncatingIfNeeded: Int64($0.ticks) - Int64(origin.ticks))) * tick - ($0.sent - origin.sent)
    }
  }

  /// In floating point: whoever answers may claim any clock, and the sum of many is beyond 64 bits.
  private static func mean(_ values: [Int64]) -> Int64 {
    values.isEmpty ? 0 : Int64((values.reduce(0.0) { $0 + Double($1) } / Double(values.count)).rounded())
  }

  /// How much later the SYN arrived by the target's clock than in the baseline, and how long the two are apart.
  func forward(_ tick: Int64) -> (shift: Int64, apart: Int64) {
    let origin = before[0]
    let shift =
      Self.mean(Self.offsets(now, from: origin, tick)) - Self.mean(Self.offsets(before, from: origin, tick))
    return (shift, Self.mean(now.map { $0.sent - origin.sent }) - Self.mean(before.map { $0.sent - origin.sent }))
  }

  /// The same of the way back: what the whole grew by, less that.
  func back(_ tick: Int64) -> (shift: Int64, apart: Int64) {
    let there = forward(tick)
    return (Self.mean(now.map(\.roundTrip)) - Self.mean(before.map(\.roundTrip)) - there.shift, there.apart)
  }

  /// Whether the clock went on between the two at this rate.
  func isPlausible(_ tick: Int64) -> Bool {
    let (shift, apart) = forward(tick)
    let tolerance = tick * 2 + Int64(Double(abs(apart)) * AddedWays.largestDrift * 2)
    let most = (now.map(\.roundTrip).max() ?? 0) + tolerance
    let least = -(before.map(\.roundTrip).max() ?? 0) - tolerance
    // Behind a clock that was stepped a round trip may be less than none.
    return least <= shift && shift <= most
  }

  /// The clock's gain between uses of the port in one series: each of the first half against one of the second.
  static func gains(_ readings: [ClockReading], _ tick: Int64) -> [(gain: Int64, apart: Int64)] {
    guard readings.count > 1, let origin = readings.first else { return [] }
    let inOrder = readings.sorted { $0.sent < $1.sent }
    let offsets = offsets(inOrder, from: origin, tick)
    let half = inOrder.count / 2
    return (0..<half).compactMap { first in
      let second = inOrder.count - half + first
      let apart = inOrder[second].sent - inOrder[first].sent
      return apart > 0 ? (offsets[second] - offsets[first], apart) : nil
    }
  }
}
