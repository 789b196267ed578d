internal import SynCore

/// Watches for changes of the share of probes that have a property which healthy ones have not.
struct ShareWatch: Sendable {
  /// A probe that was sent.
  struct Entry: Sendable {
    let at: Int64
    let isHit: Bool
    let place: Segment?
    let outcome: ProbeOutcome.Kind
  }

  /// A change that has not gone back.
  private struct Incident: Sendable {
    /// When it began; where it changed again, the first time.
    let onset: Int64
    let share: Double
    let before: [Entry]
  }

  /// Probes of a reference at most: bursts are seldom, and are to be known.
  private static let most = 8192
  /// So many hits in a row are seldom what happens there.
  private static let fewestInARow = 3

  let quantity: ChangePoint.Quantity
  private var entries: [Entry] = []
  private var referred = 0
  /// Of hits, and of the others: the share may rise and fall.
  private var alarms: [ShareAlarm] = []
  private var count = 0
  private var countOfReference = 0
  private var incident: Incident?
  /// Whether an alarm is up of which it is not known yet what has changed.
  private var isWaiting = false
  /// So many probes then come between two looks.
  private static let patience = 8

  init(_ quantity: ChangePoint.Quantity) {
    self.quantity = quantity
  }

  /// Whether there is something to compare with.
  var isLearning: Bool { alarms.isEmpty }

  /// How many are kept.
  var kept: Int { entries.count + (incident?.before.count ?? 0) }

  /// Adds a probe.
  mutating func add(_ entry: Entry) -> ChangePoint? {
    entries.append(entry)
    count += 1
    var alarming: Int?
    for index in alarms.indices where alarms[index].add(entry.isHit == (index == 0)) { alarming = index }
    if let alarming, let beginning = beginning(of: alarming) { return change(at: beginning) }
    if alarming == nil { isWaiting = false }
    forget()
    if isDue(entry), !alarms.contains(where: { $0.isSuspicious(to: ChangeLevel.slight) }) { refer() }
    return nil
  }

  /// Memory is bounded, whatever is suspected: what the reference was made of stays.
  private mutating func forget() {
    let excess = entries.count - ChangeLevel.cap(ShareWatch.most)
    guard excess >= 512 else { return }
    referred = min(referred, entries.count - excess)
    entries.removeSubrange(referred..<referred + excess)
  }

  /// Of an incident more is known with each hit, and as soon as possible, for its end to be seen.
  private func isDue(_ entry: Entry) -> Bool {
    if incident == nil { return ChangeLevel.isDue(count, since: countOfReference) }
    return entry.isHit && count >= min(2 * countOfReference, countOfReference + 128)
  }

  private mutating func refer() {
    let lag = incident == nil ? ChangeLevel.lag(count, most: 1024) : 0
    let last = max(entries.count - lag, min(ChangeLevel.fewest, entries.count))
    // What is out of order from the start on is not what is usual: it is learned once most is well.
    if incident == nil, alarms.isEmpty {
      let isIll = 2 * entries.prefix(last).count(where: \.isHit) >= last
      let first = isIll ? entries.count : entries.prefix(while: \.isHit).count
      entries.removeFirst(first)
      (count, countOfReference) = (entries.count, 0)
      if first > 0 { return }
      // Nor is what may be going out of order just now.
      if entries.reversed().prefix(while: \.isHit).count >= ShareWatch.fewestInARow { return }
    }
    countOfReference = count
    entries.removeFirst(max(last - ShareWatch.most, 0))
    refer(to: min(last, ShareWatch.most))
  }

  private mutating func refer(to count: Int) {
    let hit = entries.prefix(count).map(\.isHit)
    let hits = hit.count { $0 }
    let dependence = SerialDependence.lastingEffect(hit)
    // Where all is well there is nothing that could become better.
    let sides = incident == nil && hits == 0 ? [hits] : [hits, count - hits]
    let mixture = incident == nil ? ChangeLevel.onset : ChangeLevel.recovery
    alarms = sides.enumerated().map { index, hits in
      ShareAlarm(
        above: ShareBound.upper(hits, of: count, dependence: dependence), usual: ShareBound.middle(hits, of: count),
        index == 0 ? ChangeLevel.onset : mixture, dependence: dependence)
    }
    referred = count
    for entry in entries.dropFirst(count) {
      for index in alarms.indices { _ = alarms[index].add(entry.isHit == (index == 0)) }
    }
  }

  /// Where the change began that an alarm tells of; nil while it is not known yet what it is.
  private mutating func beginning(of alarming: Int) -> Int? {
    let alarm = alarms[alarming]
    let lastHit = entries.lastIndex(where: \.isHit)
    let isEvident = alarm.isEvident(in: entries.count - 1 - (lastHit ?? -1))
    if isWaiting, alarming > 0, count % ShareWatch.patience > 0, !isEvident { return nil }
    isWaiting = false
    let watched = entries.dropFirst(referred).map { $0.isHit == (alarming == 0) }
    let first = referred + alarm.beginning(in: watched)
    guard alarming > 0, let incident, let last = lastHit, last >= first,
      !isAsBefore(entries[first...], incident)
    else { return first }
    // The last hits may be the incident's, behind some others by chance: then what came behind them tells, once it is enough.
    let tail = entries[first...last]
    guard alarm.isUsual(hits: tail.count { !$0.isHit }, of: tail.count) else { return first }
    isWaiting = !isEvident
    return isEvident ? last + 1 : nil
  }

  private mutating func change(at index: Int) -> ChangePoint {
    let after = Array(entries[index...])
    let during = Array(entries.prefix(index))
    if let incident, isAsBefore(after[...], incident) {
      let found = point(.recovery, at: after[0].at, during, share: incident.share, onset: incident.onset)
      let part = ChangeLevel.isPassing(during.count, beside: incident.before.count) ? during : []
      go(on: Array((incident.before + part).suffix(ShareWatch.most)), after)
      return found
    }
    let before = incident?.before ?? Array(entries.prefix(referred))
    let share = ShareWatch.share(before)
    let found = point(.onset, at: after[0].at, after, share: share, onset: nil)
    if found.isImprovement {
      // Better than before is what is usual from now on.
      go(on: after, [])
      return found
    }
    incident = Incident(onset: incident?.onset ?? after[0].at, share: share, before: before)
    entries = after
    (count, countOfReference) = (after.count, after.count)
    refer(to: after.count)
    return found
  }

  /// Goes on without an incident, from these as the reference.
  private mutating func go(on reference: [Entry], _ after: [Entry]) {
    incident = nil
    entries = reference + after
    (count, countOfReference) = (reference.count, reference.count)
    refer(to: reference.count)
  }

  /// Whether the share is that of before, as far as so few can tell, and not that of the incident.
  private func isAsBefore(_ after: ArraySlice<Entry>, _ incident: Incident) -> Bool {
    let bound = ShareBound.upper(incident.before.count(where: \.isHit), of: incident.before.count)
    return ShareWatch.share(after) <= max(bound, incident.share)
  }

  private static func share(_ entries: some Collection<Entry>) -> Double {
    entries.isEmpty ? 0 : Double(entries.count(where: \.isHit)) / Double(entries.count)
  }

  private func point(
    _ kind: ChangePoint.Kind, at time: Int64, _ changed: [Entry], share: Double, onset: Int64?
  ) -> ChangePoint {
    let hits = changed.filter(\.isHit)
    let place = Segment.allCases.first { place in 10 * hits.count { $0.place == place } > 6 * hits.count }
    let outcome = ProbeOutcome.Kind.allCases.first { kind in 10 * hits.count { $0.outcome == kind } > 6 * hits.count }
    return ChangePoint(
      kind: kind, quantity: quantity, at: time, size: .share(ShareWatch.share(changed) - share), before: .share(share),
      place: place, way: nil, probes: changed.count, outcome: quantity == .outcome ? outcome : nil, onset: onset)
  }
}
