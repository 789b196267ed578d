/// Puts answers into the order of their probes, as far as that is worth a wait.
///
/// The slow answers of a fault come after the first quick ones behind it: as they come, they would seem to be of what is
/// behind it. A probe that is lost is not waited for until its timeout, but for twice as long as any answer took of late.
struct AnswerOrder: Sendable {
  /// Probes that have ended behind the first that has not, none before `next`; nil for one without a time.
  private var waiting: [Int: TimeWatch.Entry?] = [:]
  /// The first probe that has neither ended nor been waited for in vain.
  private var next = 0
  /// The last round trips, nanoseconds, one in place of the other.
  private var recent: [Int64] = []
  private var place = 0

  private static let remembered = 64
  /// Answers that take about as long as each other may overtake each other by so much, nanoseconds.
  private static let least: Int64 = 10_000_000

  /// How many wait.
  var count: Int { waiting.count }

  /// Adds a probe that has ended, with its time if it has one.
  /// - Returns: Those whose turn has come.
  mutating func add(_ sequence: Int, _ entry: TimeWatch.Entry?) -> [TimeWatch.Entry] {
    guard sequence >= next else { return entry.map { [$0] } ?? [] }
    waiting[sequence] = entry
    if let entry { note(entry.roundTrip) }
    var given = takeOrdered()
    guard let entry, !waiting.isEmpty else { return given }
    // Realtime stamps: where the clock is stepped, they are waited for too short, or until all have ended.
    let (arrival, longest) = (entry.at &+ entry.roundTrip, 2 * (recent.max() ?? 0) + AnswerOrder.least)
    while let first = firstWaiting(), arrival &- first.at > longest {
      // Those without a time that stand before it are passed by as well.
      for sequence in next..<first.sequence { waiting.removeValue(forKey: sequence) }
      next = first.sequence
      given += takeOrdered()
    }
    return given
  }

  private mutating func takeOrdered() -> [TimeWatch.Entry] {
    var given: [TimeWatch.Entry] = []
    while let entry = waiting.removeValue(forKey: next) {
      next += 1
      if let entry { given.append(entry) }
    }
    return given
  }

  /// The first that waits and has a time.
  private func firstWaiting() -> (sequence: Int, at: Int64)? {
    var sequence = next
    var left = waiting.count
    while left > 0 {
      if let entry = waiting[sequence] {
        left -= 1
        if let entry { return (sequence, entry.at) }
      }
      sequence += 1
    }
    return nil
  }

  private mutating func note(_ roundTrip: Int64) {
    if recent.count < AnswerOrder.remembered { return recent.append(roundTrip) }
    recent[place] = roundTrip
    place = (place + 1) % AnswerOrder.remembered
  }
}
