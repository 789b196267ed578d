/// Which way probes were lost, from what the target repeated.
///
/// A target whose SYN-ACK was lost sends it again by its timer (RFC 6298: after 1 s, then after twice as long); one that
/// never got the SYN sends nothing. With f lost on the way there and b on the way back, each on its own, a probe is answered
/// at once with (1 − f)(1 − b), by the first repetition with (1 − f) b (1 − b), for it falls to the same loss, and neither
/// way with the rest (the method is that of Sting: Savage, 1999). Not for a target that repeats nothing (SYN cookies, no
/// repetitions configured, a full listener) or does not hear the probe itself (a proxy).
public struct LossDirection: Hashable, Sendable {
  /// What became of the probes that the network did not answer for anybody else, each listened for until after the target's
  /// first repetition.
  public struct Counts: Hashable, Sendable {
    /// Answered by a first transmission.
    public var atOnce: Int
    /// Answered by the first repetition alone.
    public var repeated: Int
    /// Not answered so far.
    public var silent: Int

    /// Joins the fields.
    public init(atOnce: Int = 0, repeated: Int = 0, silent: Int = 0) {
      self.atOnce = atOnce
      self.repeated = repeated
      self.silent = silent
    }

    var count: Int { atOnce + repeated + silent }
  }

  /// The share that is lost on one way.
  public struct Share: Hashable, Sendable {
    /// The best single value, 0 to 1.
    public let ratio: Double
    /// Where the true one lies.
    public let interval: ClosedRange<Double>
  }

  /// On the way to the target.
  public let forward: Share
  /// On the way back.
  public let back: Share

  /// Estimates both shares; the intervals hold together, however often one looks.
  ///
  /// Nil where more came by repetition than such a loss leaves room for, so that something else is at work, and where no
  /// probe was answered at all: then the two ways cannot be told apart.
  /// - Parameters:
  ///   - counts: What became of the probes.
  ///   - confidence: That both intervals hold the true shares; above 0, below 1.
  ///   - dependence: How many probes in a row are worth one that does not depend on its neighbours.
  public init?(_ counts: Counts, confidence: Double, dependence: Double = 1) {
    let answered = counts.atOnce + counts.repeated
    guard answered > 0 else { return nil }
    let mixture = BinomialMixture(confidence: 1 - (1 - confidence) / 2)
    let interval = { (successes: Int, count: Int) in
      mixture.interval(successes: Double(successes) / dependence, of: Double(count) / dependence)
    }
    // Of those that were answered b / (1 + b) came by the repetition.
    let repeated = interval(counts.repeated, answered)
    guard let back = LossDirection.back(repeated) else { return nil }
    let share = min(Double(counts.repeated) / Double(max(counts.atOnce, 1)), 1)
    self.back = Share(ratio: share, interval: back)
    // Of all (1 − f)(1 − b²) were answered.
    let reached = interval(answered, counts.count)
    let upper = LossDirection.forward(reached.lowerBound, back.lowerBound)
    let lower = LossDirection.forward(reached.upperBound, back.upperBound)
    let best = LossDirection.forward(Double(answered) / Double(counts.count), share)
    forward = Share(ratio: min(max(best, lower), upper), interval: lower...upper)
  }

  private static func back(_ repeated: ClosedRange<Double>) -> ClosedRange<Double>? {
    guard repeated.lowerBound <= 0.5 else { return nil }
    let share = { (part: Double) in part >= 0.5 ? 1 : part / (1 - part) }
    return share(repeated.lowerBound)...share(repeated.upperBound)
  }

  /// The share on the way there, where so many were answered, and so many are lost on the way back.
  private static func forward(_ answered: Double, _ back: Double) -> Double {
    let room = 1 - back * back
    guard room > answered else { return 0 }
    return min(max(1 - answered / room, 0), 1)
  }
}
