internal import SynCore

/// Watches the probes of one target for as long as they come, and says when something changes and when it has gone back.
///
/// Whatever probes depend on their neighbours by is taken from a reference, the last minutes in which nothing changed; it is
/// renewed as long as nothing does, so that a drift of hours is none. While probes do not depend on each other, a million
/// of them pass between two false alarms on the average, or more (`ShareAlarm`).
public struct ChangeWatch: Sendable {
  private var order = AnswerOrder()
  private var times = TimeWatch()
  private var losses = ShareWatch(.loss)
  private var outcomes = ShareWatch(.outcome)
  /// How most of the first probes ended; nil until that is known.
  private var usual: ProbeOutcome.Kind?
  /// Those, until it is.
  private var first: [Ended] = []
  private var waiting: [Int: Probe] = [:]
  private var next = 0

  private struct Probe: Sendable {
    let at: Int64
    let sample: Sample
  }

  private struct Ended: Sendable {
    let at: Int64
    let outcome: ProbeOutcome.Kind
  }

  /// Onsets that have not gone back.
  public private(set) var open: [ChangePoint] = []

  /// Whether there is too little yet to compare with.
  public var isLearning: Bool { times.isLearning || losses.isLearning || outcomes.isLearning }

  /// Begins with nothing.
  public init() {}

  /// How many probes are kept.
  var kept: Int { order.count + times.kept + losses.kept + outcomes.kept + waiting.count + first.count }

  /// Adds a probe that has ended.
  /// - Parameters:
  ///   - sequence: Its number, from 0 on; a gap is filled later, when the probe ends that is missing.
  ///   - at: When it left, nanoseconds on the realtime clock.
  ///   - sample: What became of it.
  /// - Returns: What it shows to have changed.
  public mutating func add(_ sequence: Int, at: Int64, _ sample: Sample) -> [ChangePoint] {
    var found: [ChangePoint] = []
    for entry in order.add(sequence, ChangeWatch.entry(at, sample)) {
      if let change = times.add(entry) { found.append(change) }
    }
    // Answers end at once and losses only at their timeout: with a gap their shares would lie.
    waiting[sequence] = Probe(at: at, sample: sample)
    while let probe = waiting.removeValue(forKey: next) {
      next += 1
      found += share(probe)
    }
    for index in found.indices {
      if found[index].kind == .recovery, let onset = open.first(where: { $0.isOfSame(as: found[index]) }) {
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
    open.removeAll { $0.isOfSame(as: change) }
    if change.kind == .onset, !change.isImprovement { open.append(change) }
  }

  private static func entry(_ at: Int64, _ sample: Sample) -> TimeWatch.Entry? {
    sample.roundTrip.map { roundTrip in
      TimeWatch.Entry(at: at, roundTrip: roundTrip, parts: Segment.allCases.map { sample.time(in: $0) })
    }
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
      for ended in learn(Ended(at: at, outcome: sample.outcome)) {
        if let change = outcome(ended) { found.append(change) }
      }
    }
    return found
  }

  private mutating func outcome(_ ended: Ended) -> ChangePoint? {
    let place = ended.outcome == .blocked ? Segment.egress : nil
    let entry = ShareWatch.Entry(at: ended.at, isHit: ended.outcome != usual, place: place, outcome: ended.outcome)
    guard let change = outcomes.add(entry) else { return nil }
    if change.isImprovement, change.outcome == .open {
      // It is what is usual from now on.
      (outcomes, usual) = (ShareWatch(.outcome), .open)
    }
    return change
  }

  /// What most of the first probes ended as is usual: a port that is closed from the start on is closed.
  /// - Returns: Those that can be judged now: once it is known what is usual, the first ones too.
  private mutating func learn(_ ended: Ended) -> [Ended] {
    guard usual == nil else { return [ended] }
    first.append(ended)
    guard first.count >= ChangeLevel.fewest else { return [] }
    let counts = Dictionary(grouping: first, by: \.outcome).mapValues(\.count)
    if let most = counts.max(by: { $0.value < $1.value }), 2 * most.value > first.count {
      usual = most.key
      defer { first = [] }
      return first
    }
    if first.count > 4 * ChangeLevel.fewest { first = [] }
    return []
  }
}

extension ChangePoint {
  /// Whether there is one such change at a time: of times, whichever of their quantities it is, and of each share.
  fileprivate func isOfSame(as other: ChangePoint) -> Bool {
    quantity.isOfTimes ? other.quantity.isOfTimes : quantity == other.quantity
  }
}
