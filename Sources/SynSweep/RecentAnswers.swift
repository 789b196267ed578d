/// Who has answered of late, so that a repetition is no second answer: the last so many, in bounded memory.
public struct RecentAnswers {
  private var younger: Set<UInt64> = []
  private var older: Set<UInt64> = []
  private let most: Int
  /// There is room for so many from the start on: a set that grows holds the sweep up, for 20 ms at half a million.
  private static let room = 1 << 19

  /// Remembers the last `most` answers at least, and twice as many at most.
  public init(atLeast most: Int) {
    self.most = most
    begin()
  }

  /// Whether a target has answered, as far as that is remembered.
  public func contains(_ fingerprint: UInt64) -> Bool { younger.contains(fingerprint) || older.contains(fingerprint) }

  /// Whether this is the first answer of a target that is remembered; it is remembered from now on.
  public mutating func isFirst(_ fingerprint: UInt64) -> Bool {
    guard !older.contains(fingerprint) else { return false }
    guard younger.insert(fingerprint).inserted else { return false }
    if younger.count >= most {
      older = younger
      begin()
    }
    return true
  }

  private mutating func begin() {
    younger = []
    younger.reserveCapacity(min(most, RecentAnswers.room))
  }
}
