internal import SynCore
internal import SynVerdict
internal import SynWire

/// On which way a delay was added to a series that goes on, by the target's own clock.
///
/// Linux shows one clock to all ports of a host (since 4.10 one for each pair of addresses), so that every answer is a
/// reading of it: those before the change are the baseline of those since. Where ports have clocks of their own nothing is told.
struct DelayWays {
  /// Readings that are kept, and how many on either side are enough.
  private static let most = 1024
  private static let fewest = 40
  /// The readings are dealt to so many groups, each of which is compared with itself.
  private static let groups: UInt16 = 16
  /// Of what was added so much must be on one way.
  private static let share = 0.8
  private static let confidence = 0.95

  private var readings: [(at: Int64, reading: ClockReading)] = []
  private var dealt: UInt16 = 0

  /// Takes what an answer tells that left at this moment of the realtime clock, nanoseconds.
  mutating func add(_ result: ProbeResult, at moment: Int64) {
    guard result.outcome == .open, let ticks = result.reply?.senderClock, let sent = result.observation.sent,
      let received = result.observation.received
    else { return }
    dealt = (dealt + 1) % DelayWays.groups
    readings.append(
      (moment, ClockReading(port: dealt, sent: sent.nanoseconds, received: received.nanoseconds, ticks: ticks)))
    if readings.count >= DelayWays.most + 256 { readings.removeFirst(256) }
  }

  /// This host's clock was stepped: nothing before goes with what comes after.
  mutating func step() { readings = [] }

  /// What was so between these moments is no baseline of what comes after.
  mutating func forget(from start: Int64, to end: Int64) {
    readings.removeAll { (start..<max(start, end)).contains($0.at) }
  }

  /// The way on which a change of the round trip was added; nil where that is not known yet, or it was on both.
  func way(of change: ChangePoint) -> LossWay? {
    let before = readings.filter { $0.at < change.at }.map(\.reading)
    let since = readings.filter { $0.at >= change.at }.map(\.reading)
    guard before.count >= DelayWays.fewest, since.count >= DelayWays.fewest,
      let ways = try? AddedWays(since, against: before, confidence: DelayWays.confidence)
    else { return nil }
    let (forward, back) = (ways.forward, ways.back)
    let whole = Double(forward.estimate) + Double(back.estimate)
    guard whole != 0 else { return nil }
    // The two clocks tell of the same change.
    if change.quantity == .roundTrip, case .time(let size) = change.size, (size > 0) != (whole > 0) { return nil }
    // The other way's part must be small whatever it is within its interval.
    let isSmall = { (way: AddedWays.Way) in
      max(abs(Double(way.interval.lowerBound)), abs(Double(way.interval.upperBound))) <= (1 - DelayWays.share)
        * abs(whole)
    }
    switch (isSmall(forward), isSmall(back)) {
    case (true, false): return .back
    case (false, true): return .forward
    default: return nil
    }
  }
}
