/// The share of probes with some fate among those that were waited for to their end.
///
/// Those that were still waited for when a run was cut short are in no ratio; nor are those that were sent after the
/// first of them, of which only the quick answers are known: they would make every loss look smaller.
public struct WaitedShare: Hashable, Sendable {
  /// Probes before the first that was cut.
  public private(set) var count = 0
  /// Those of them that have the fate.
  public private(set) var hits = 0
  /// The first probe whose end is not known.
  private var next = 0
  /// Of the probes behind it that have ended, whether they have the fate; nil for one that was cut.
  private var ahead: [Int: Bool?] = [:]
  private var isCut = false

  /// Nothing yet.
  public init() {}

  /// The ratio, from 0 to 1; nil before the first probe.
  public var ratio: Double? { count > 0 ? Double(hits) / Double(count) : nil }

  /// Adds the end of probe `sequence` of a series, whose numbers begin at 0; nil for one that was cut.
  /// - Complexity: O(1), amortised; it remembers the ends that came before that of an earlier probe.
  public mutating func add(_ sequence: Int, _ isHit: Bool?) {
    guard !isCut else { return }
    guard sequence > next else { return settle(isHit, sequence) }
    ahead[sequence] = .some(isHit)
  }

  private mutating func settle(_ isHit: Bool?, _ sequence: Int) {
    take(isHit)
    if sequence == next { next += 1 }
    while !isCut, !ahead.isEmpty, let following = ahead.removeValue(forKey: next) {
      take(following)
      next += 1
    }
  }

  private mutating func take(_ isHit: Bool?) {
    guard let isHit else {
      isCut = true
      return ahead.removeAll()
    }
    count += 1
    hits += isHit ? 1 : 0
  }
}
