/// Whether a share has risen above a bound, looked at after every trial and without an end.
///
/// A confidence sequence is begun again and again, and the alarm goes off when one of them lies wholly above the bound:
/// while the share does not exceed it, that takes 1/α trials or more on the average, however the trials are watched
/// (Shekhar and Ramdas, 2023, arXiv 2309.09111, theorem 2.1). Fewer beginnings than one per trial only make it later.
struct ShareAlarm: Sendable {
  /// What the share is compared with.
  let bound: Double
  /// What the share is as long as it has not risen.
  private let usual: Double
  /// How many trials in a row are worth one that does not depend on its neighbours.
  private let dependence: Double
  private let mixture: BinomialMixture
  private var total = Count()
  private var beginnings: [Count] = []

  /// Trials, and how many of them hit.
  private struct Count {
    var trials = 0
    var hits = 0
  }

  /// Beginnings that are kept: each of the last ones, and ever fewer of those before.
  private static let kept = [(age: 32, every: 1), (age: 256, every: 8), (age: 4096, every: 64)]

  /// Begins, with an error of 1 − the mixture's confidence; of a share whose usual size is not known the bound stands for it.
  init(above bound: Double, usual: Double? = nil, _ mixture: BinomialMixture, dependence: Double) {
    (self.bound, self.usual, self.mixture, self.dependence) = (bound, usual ?? bound, mixture, dependence)
  }

  /// Adds a trial.
  /// - Returns: Whether the share has risen above the bound.
  mutating func add(_ isHit: Bool) -> Bool {
    beginnings.append(total)
    total.trials += 1
    if isHit { total.hits += 1 }
    if total.trials % 8 == 0 { thin() }
    return isHit && isAnyBeginning(mixture)
  }

  /// Whether the share seems to exceed the bound already, to one who is content with less evidence.
  func isSuspicious(to slight: BinomialMixture) -> Bool { isAnyBeginning(slight) }

  /// Whether so many hits of a few trials are no more than the bound lets expect.
  func isUsual(hits: Int, of count: Int) -> Bool {
    ShareBound.upper(count - hits, of: count, dependence: dependence) >= 1 - bound
  }

  /// Whether so many trials that hit, all in a row, set the alarm off by themselves.
  func isEvident(in count: Int) -> Bool {
    mixture.excludes(upTo: bound, successes: Double(count) / dependence, of: Double(count) / dependence)
  }

  private func isAnyBeginning(_ mixture: BinomialMixture) -> Bool {
    beginnings.contains { begin in
      let hits = Double(total.hits - begin.hits) / dependence
      let trials = Double(total.trials - begin.trials) / dependence
      return mixture.excludes(upTo: bound, successes: hits, of: trials)
    }
  }

  private mutating func thin() {
    beginnings.removeAll { begin in
      let age = total.trials - begin.trials
      guard let rule = ShareAlarm.kept.first(where: { age <= $0.age }) else { return true }
      return begin.trials % rule.every != 0
    }
  }

  /// From which trial on, counted from `events`' first, there is most evidence that the share is not the usual one.
  ///
  /// The bound, which is above that, would leave out the first hits of a change that is thin at first.
  func beginning(in events: [Bool]) -> Int {
    var best = (index: events.count - 1, evidence: -Double.infinity)
    var hits = 0
    for index in events.indices.reversed() {
      if events[index] { hits += 1 } else { continue }
      let evidence = mixture.evidence(
        against: usual, successes: Double(hits) / dependence, of: Double(events.count - index) / dependence)
      if evidence > best.evidence { best = (index, evidence) }
    }
    return max(best.index, 0)
  }
}

/// The share that is hardly exceeded where so many of a sample had a property: an upper limit at 99.9 %.
enum ShareBound {
  private static let confidence = 0.999

  /// Where the share is likely to be: above 0, since so few tell of no hit that there is none (Krichevsky and Trofimov).
  static func middle(_ hits: Int, of count: Int) -> Double { (Double(hits) + 0.5) / Double(count + 1) }

  /// - Parameters:
  ///   - hits: Of the sample; those with the property.
  ///   - count: All of it; 1 or more.
  ///   - dependence: How many in a row are worth one that does not depend on its neighbours.
  /// - Returns: The limit, 0 to 1.
  static func upper(_ hits: Int, of count: Int, dependence: Double = 1) -> Double {
    guard hits < count else { return 1 }
    return IncompleteBeta.quantile(
      confidence, Double(hits + 1) / dependence, Double(count - hits) / dependence)
  }
}
