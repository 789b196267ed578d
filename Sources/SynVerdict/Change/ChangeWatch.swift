internal import SynCore

/// Watches the probes of one target for as long as they come, and says when something changes and when it has gone back.
///
/// Whatever probes depend on their neighbours by is taken from a reference, the last minutes in which nothing changed; it is
/// renewed as long as nothing does, so that a drift of hours is none. While probes do not depend on each other, a million
/// of them pass between two false alarms on the average, or more (`ShareAlarm`).
public struct ChangeWatch: Sendable {
  private var times = TimeWatch()
  private var losses = ShareWatch(.loss)
  private var outcomes = ShareWatch(.outcome)
  /// How most of the first probes ended; nil until that is known.
  private var usual: ProbeOutcome.Kind?
  private var first: [ProbeOutcome.Kind: Int] = [:]
  private var waiting: [Int: Probe] = [:]
  private var next = 0

  private struct Probe: Sendable {
    let at: Int64
    let sample: Sample
  }

  /// Onsets that have not gone back.
  public private(set) var open: [ChangePoint] = []

  /// Whether there is too little yet to compare with.
  public var isLearning: Bool { times.isLearning || losses.isLearning || usual == nil }

  /// Begins with nothing.
  public init() {}

  /// How many probes are kept.
  var kept: Int { times.kept + losses.kept + outcomes.kept + waiting.count }

  /// Adds a probe that has ended.
  /// - Parameters:
  ///   - sequence: Its number, from 0 on; a gap is filled later, when the probe ends that is missing.
  ///   - at: When it left, nanoseconds on the realtime clock.
  ///   - sample: What became of it.
  /// - Returns: What it shows to have changed.
  public mutating func add(_ sequence: Int, at: Int64, _ sample: Sample) -> [ChangePoint] {
    var found: [ChangePoint] = []
    if let roundTrip = sample.roundTrip {
      let entry = TimeWatch.Entry(
        at: at, roundTrip: roundTrip, parts: Segment.allCases.map { sample.time(in: $0) })
      if let change = times.add(entry) { found.append(change) }
    }
    // Answers end at once and losses only at their timeout: with a gap their shares would lie.
    waiting[sequence] = Probe(at: at, sample: sample)
    while let probe = waiting.removeValue(forKey: next) {
      next += 1
      found += share(probe)
    }
    for index in found.indices {
      if found[index].kind == .recovery, let onset = open.first(where: { $0.quantity == found[index].quantity }) {
        found[index].way = onset.way
      }
      note(found[index])
    }
    return found
  }

  /// Takes what has become known later: on which way the probes of a change are lost.
  /// - Returns: The change, once more.
  public mutating func tell(_ way: LossWay, of change: ChangePoint) -> ChangePoint? {
    guard let index = open.firstIndex(of: change) else { return nil }
    open[index].way = way
    return open[index]
  }

  private mutating func note(_ change: ChangePoint) {
    // Of times there is one change at a time, and one of each share.
    let isOfTimes = [.roundTrip, .spread].contains(change.quantity)
    open.removeAll { isOfTimes ? [.roundTrip, .spread].contains($0.quantity) : $0.quantity == change.quantity }
    if change.kind == .onset, !change.isImprovement { open.append(change) }
  }

  // MARK: Shares

  private mutating func share(_ probe: Probe) -> [ChangePoint] {
    let (sample, at) = (probe.sample, probe.at)
    // What this host had no room for says nothing of the path.
    guard sample.outcome != .cancelled, !sample.isOwnShortage else { return [] }
    var found: [ChangePoint] = []
    if sample.outcome != .blocked {
      let place = sample.place.flatMap { Segment(rawValue: $0.rawValue) }
      let entry = ShareWatch.Entry(at: at, isHit: sample.outcome == .lost, place: place, outcome: sample.outcome)
      if let change = losses.add(entry) { found.append(change) }
    }
    if sample.outcome != .lost {
      learn(sample.outcome)
      if let usual {
        let place = sample.outcome == .blocked ? Segment.egress : nil
        let entry = ShareWatch.Entry(at: at, isHit: sample.outcome != usual, place: place, outcome: sample.outcome)
        if let change = outcomes.add(entry) { found.append(change) }
      }
    }
    return found
  }

  /// What most of the first probes ended as is usual: a port that is closed from the start on is closed.
  private mutating func learn(_ outcome: ProbeOutcome.Kind) {
    guard usual == nil else { return }
    first[outcome, default: 0] += 1
    let count = first.values.reduce(0, +)
    guard count >= ChangeLevel.fewest, let most = first.max(by: { $0.value < $1.value }) else { return }
    if 2 * most.value > count { usual = most.key } else if count > 4 * ChangeLevel.fewest { first = [:] }
  }
}
