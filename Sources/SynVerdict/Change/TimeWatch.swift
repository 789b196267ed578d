internal import SynCore

/// Watches round trips, in the order of their probes, for changes of their level and of their spread.
struct TimeWatch: Sendable {
  /// A round trip and its parts, nanoseconds.
  struct Entry: Sendable {
    let at: Int64
    let roundTrip: Int64
    let parts: [Int64?]
  }

  /// A change that has not gone back.
  private struct Incident: Sendable {
    /// When it began; where it changed again, the first time.
    let onset: Int64
    let before: [Entry]
    let reference: TimeReference
    /// Whether values are among those before again.
    var recovery: ShareAlarm
    /// How many entries the recovery's bound is made of.
    var judged: Int
  }

  /// Values of a reference at most.
  private static let most = 512

  /// Since the last change, in the order of their coming; the reference is of the first of them.
  private var entries: [Entry] = []
  /// How many of them the reference is made of; the watches began behind them.
  private var referred = 0
  private var reference: TimeReference?
  private var alarms: [ShareAlarm] = []
  private var count = 0
  private var countOfReference = 0
  private var incident: Incident?

  /// Whether there is something to compare with.
  var isLearning: Bool { reference == nil && incident == nil }

  /// How many are kept.
  var kept: Int { entries.count + (incident?.before.count ?? 0) }

  /// Adds a round trip.
  mutating func add(_ entry: Entry) -> ChangePoint? {
    entries.append(entry)
    count += 1
    if let found = recovered(entry) ?? changed(entry) { return found }
    forget()
    if ChangeLevel.isDue(count, since: countOfReference),
      !alarms.contains(where: { $0.isSuspicious(to: ChangeLevel.slight) })
    {
      countOfReference = count
      refer()
    }
    return nil
  }

  // MARK: The reference

  /// Memory is bounded, whatever is suspected: what the reference was made of stays.
  private mutating func forget() {
    let excess = entries.count - ChangeLevel.cap(TimeWatch.most)
    guard excess >= 512 else { return }
    referred = min(referred, entries.count - excess)
    entries.removeSubrange(referred..<referred + excess)
  }

  private mutating func refer() {
    let last = max(entries.count - ChangeLevel.lag(count, most: 128), min(ChangeLevel.fewest, entries.count))
    entries.removeFirst(max(last - TimeWatch.most, 0))
    refer(to: min(last, TimeWatch.most))
  }

  private mutating func refer(to count: Int) {
    let reference = TimeReference(entries.prefix(count).map(\.roundTrip))
    self.reference = reference
    referred = count
    alarms = reference.edges.map { ShareAlarm(above: $0.bound, ChangeLevel.onset, dependence: $0.dependence) }
    for entry in entries.dropFirst(count) {
      for (index, edge) in reference.edges.enumerated() { _ = alarms[index].add(edge.isBeyond(entry.roundTrip)) }
    }
  }

  // MARK: Onset

  private mutating func changed(_ entry: Entry) -> ChangePoint? {
    guard let reference else { return nil }
    var alarming: Int?
    for (index, edge) in reference.edges.enumerated() where alarms[index].add(edge.isBeyond(entry.roundTrip)) {
      alarming = alarming ?? index
    }
    guard let alarming else { return nil }
    let edge = reference.edges[alarming]
    let watched = entries.dropFirst(referred)
    let first = alarms[alarming].beginning(in: watched.map { edge.isBeyond($0.roundTrip) })
    // What came before values that are far above all was beyond the edge by chance.
    let far = watched.reversed().prefix { reference.isFarAbove($0.roundTrip) }.count
    let begun = 2 * far > watched.count - first ? watched.count - far : first
    return change(at: referred + begun, from: reference)
  }

  /// What changed with the entry at `index`; from then on it is another path, or the one of before.
  private mutating func change(at index: Int, from reference: TimeReference) -> ChangePoint? {
    let after = Array(entries[index...])
    let during = Array(entries.prefix(index))
    if let incident, isAsBefore(after, incident) {
      let found = point(.recovery, incident, at: after[0].at, during)
      resume(incident, with: after, passing: during)
      return found
    }
    let origin = incident?.reference ?? reference
    let onset = Incident(
      onset: incident?.onset ?? after[0].at, before: incident?.before ?? Array(entries.prefix(referred)),
      reference: origin, recovery: TimeWatch.recovery(of: after, origin), judged: after.count)
    let change = point(.onset, onset, at: after[0].at, after)
    // Better than before: what was is over, and what is now is what is usual.
    let found = change.isImprovement ? incident.map { point(.recovery, $0, at: after[0].at, during) } ?? change : change
    incident = change.isImprovement ? nil : onset
    entries = after
    (referred, self.reference, alarms, count, countOfReference) = (0, nil, [], after.count, 0)
    return found
  }

  // MARK: Recovery

  private static func recovery(of entries: [Entry], _ reference: TimeReference) -> ShareAlarm {
    let inside = entries.map { reference.contains($0.roundTrip) }
    let dependence = SerialDependence.effect(inside)
    let bound = ShareBound.upper(inside.count { $0 }, of: inside.count, dependence: dependence)
    return ShareAlarm(above: bound, ChangeLevel.recovery, dependence: dependence)
  }

  private mutating func recovered(_ entry: Entry) -> ChangePoint? {
    guard var incident else { return nil }
    let isInside = incident.reference.contains(entry.roundTrip)
    let hasRecovered = incident.recovery.add(isInside)
    self.incident = incident
    guard hasRecovered else {
      // As long as nothing is inside, what is known of the change grows.
      if !isInside, entries.count >= 2 * incident.judged, entries.count <= 512 {
        self.incident?.recovery = TimeWatch.recovery(of: entries, incident.reference)
        self.incident?.judged = entries.count
      }
      return nil
    }
    let inside = entries.map { incident.reference.contains($0.roundTrip) }
    let first = incident.recovery.beginning(in: inside)
    let after = Array(entries[first...])
    let during = Array(entries.prefix(first))
    // Of a long incident only the last answers are kept: they may all be as before.
    let found = point(.recovery, incident, at: after[0].at, during.isEmpty ? after : during)
    resume(incident, with: after, passing: during)
    return found
  }

  /// Whether what came last is as it was before the incident: nearer to that than to the incident.
  private func isAsBefore(_ after: [Entry], _ incident: Incident) -> Bool {
    let sorted = after.map(\.roundTrip).sorted()
    guard let shift = Shift.hodgesLehmann(sorted, over: incident.reference.sorted) else { return false }
    let inside = after.count { incident.reference.contains($0.roundTrip) }
    return abs(shift) <= incident.reference.margin && 10 * inside >= 9 * after.count
  }

  /// Goes on with the reference of before the incident; a short one becomes part of it.
  private mutating func resume(_ incident: Incident, with after: [Entry], passing: [Entry]) {
    self.incident = nil
    let part = ChangeLevel.isPassing(passing.count, beside: incident.before.count) ? passing : []
    entries = Array((incident.before + part).suffix(TimeWatch.most))
    count = entries.count
    countOfReference = count
    let referred = entries.count
    entries += after
    refer(to: referred)
  }

  // MARK: What it is

  /// Which of the two has changed more, and by how much.
  private func difference(
    _ sorted: [Int64], from reference: TimeReference
  ) -> (quantity: ChangePoint.Quantity, size: Int64) {
    let shift = Shift.hodgesLehmann(sorted, over: reference.sorted) ?? 0
    let spread = TimeReference.spread(sorted) - reference.spread
    // A few answers lie close together by chance: where even the slow ones have become slower, that is what has changed.
    if shift > 0, spread < 0, TimeReference.upperTenth(sorted) > TimeReference.upperTenth(reference.sorted) {
      return (.roundTrip, shift)
    }
    return abs(shift) > abs(spread) ? (.roundTrip, shift) : (.spread, spread)
  }

  /// What those that changed tell of it: after a recovery they are more than its onset was seen by.
  private func point(
    _ kind: ChangePoint.Kind, _ incident: Incident, at time: Int64, _ changed: [Entry]
  ) -> ChangePoint {
    let reference = incident.reference
    let sorted = changed.map(\.roundTrip).sorted()
    let (quantity, size) = difference(sorted, from: reference)
    let isSpread = quantity == .spread
    return ChangePoint(
      kind: kind, quantity: quantity, at: time, size: .time(size),
      before: .time(isSpread ? reference.spread : reference.median),
      place: place(of: size, isSpread, changed, incident.before), way: nil, probes: changed.count, outcome: nil,
      onset: kind == .recovery ? incident.onset : nil)
  }

  /// The segment in which most of the change is: of a spread, whose own spread has changed most.
  private func place(of size: Int64, _ isSpread: Bool, _ changed: [Entry], _ before: [Entry]) -> Segment? {
    var shares: [(segment: Segment, change: Int64)] = []
    for (index, segment) in Segment.allCases.enumerated() {
      let now = changed.compactMap { $0.parts[index] }.sorted()
      let then = before.compactMap { $0.parts[index] }.sorted()
      guard 2 * now.count > changed.count, 2 * then.count > before.count else { return nil }
      let change =
        isSpread
        ? TimeReference.spread(now) - TimeReference.spread(then) : Shift.hodgesLehmann(now, over: then) ?? 0
      shares.append((segment, size < 0 ? -change : change))
    }
    guard let most = shares.max(by: { $0.change < $1.change }) else { return nil }
    return 10 * most.change >= 6 * abs(size) ? most.segment : nil
  }
}
