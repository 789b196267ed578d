public import SynCore

/// That something of the path has changed, or is as it was before.
public struct ChangePoint: Hashable, Sendable {
  /// Which of the two.
  public enum Kind: String, Sendable, CaseIterable {
    /// It is no longer as it was.
    case onset
    /// It is as it was before the onset.
    case recovery
  }

  /// What has changed.
  public enum Quantity: String, Sendable, CaseIterable {
    /// The level of the round trip: its median.
    case roundTrip = "rtt"
    /// How far round trips lie apart, between the first and the last tenth of them.
    case spread
    /// The share of probes that are lost.
    case loss
    /// The share of probes that end otherwise than most did before, and are not lost: refused, filtered, or not sent.
    case outcome

    /// Whether it is of the round trip, of which one change at a time is told.
    public var isOfTimes: Bool { self == .roundTrip || self == .spread }
  }

  /// By how much.
  public enum Size: Hashable, Sendable {
    /// Nanoseconds; below 0 where it fell.
    case time(Int64)
    /// A difference of two shares, −1 to 1.
    case share(Double)
  }

  /// Onset or recovery.
  public let kind: Kind
  /// What has changed.
  public let quantity: Quantity
  /// When the first probe left that was so, nanoseconds on the realtime clock.
  public let at: Int64
  /// By how much it differs, or differed, from before.
  public let size: Size
  /// What it was before the onset: a median, a spread or a share.
  public let before: Size
  /// Where it sits; nil where that cannot be told.
  public let place: Segment?
  /// On which way, where that is known.
  public var way: LossWay?
  /// How many probes it is seen by.
  public let probes: Int
  /// Of an outcome: which it has become.
  public var outcome: ProbeOutcome.Kind?
  /// Of a recovery: when its onset was, the first where it changed again.
  public let onset: Int64?

  /// Whether it has become better than it ever was: that is no fault, and needs no end.
  public var isImprovement: Bool {
    switch size {
    // A port that was closed from the start on is open.
    case .share(let value) where quantity == .outcome && outcome == .open: value > 0
    case .time(let value): value < 0
    case .share(let value): value < 0
    }
  }
}

/// How sure a change must be before it is spoken of.
enum ChangeLevel {
  /// So many values are kept at most, whatever is suspected.
  static func cap(_ most: Int) -> Int { 2 * most + 1024 }

  /// Probes, on the average, from one false alarm of a watch to the next, where probes do not depend on their neighbours.
  static let runLength = 1e6
  /// Watched at once, each with its share of the error: seven of times, two of losses, two of outcomes.
  private static let watched = 11.0
  /// For an onset.
  static let onset = BinomialMixture(confidence: 1 - 1 / (runLength * watched))
  /// For a recovery: that the onset was none, or is over, needs less.
  static let recovery = BinomialMixture(confidence: 1 - 1e-4)
  /// With so little evidence a reference is not renewed any more: it might take in what is changing.
  static let slight = BinomialMixture(confidence: 0.63)

  /// How many values a reference is made of at first.
  static let fewest = 32
  /// Whether it is to be made anew when there are so many, and were so many the last time.
  static func isDue(_ count: Int, since last: Int) -> Bool {
    count % 8 == 0 && count >= fewest && count >= min(2 * last, last + 128)
  }
  /// How many of the last values it leaves out, `most` or less: what has begun in them is still to be seen.
  static func lag(_ count: Int, most: Int) -> Int { min(count / 4, most) }
  /// Whether a change that was over after so many probes is one of the things that happen there, and belongs to the reference of
  /// so many: a little of it.
  static func isPassing(_ count: Int, beside reference: Int) -> Bool { count < 64 && 32 * count < reference }
}
