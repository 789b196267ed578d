/// The shares that are lost on each way, from what the target repeated.
///
/// A target whose SYN-ACK was lost sends it again by its timer (RFC 6298: after 1 s, then after twice as long); one that
/// never got the SYN sends nothing. With f lost on the way there and b on the way back, a probe is answered at once with
/// (1 − f)(1 − b), and by a repetition with (1 − f) b p, where p is what passes of the repetitions to probes whose first
/// answer was lost: 1 − b where losses do not depend on each other, up to 1 where they come in bursts that are over by
/// then. The intervals hold for any p between (the method is that of Sting: Savage, 1999).
public struct LossDirection: Hashable, Sendable {
  /// What became of probes, each listened for until after the target's first repetition at a time when the path was open.
  public struct Counts: Hashable, Sendable {
    /// Answered by a first transmission.
    public var atOnce: Int
    /// Answered by a repetition alone.
    public var repeated: Int
    /// Not answered at all.
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

    init(_ ratio: Double, in interval: ClosedRange<Double>) {
      self.ratio = min(max(ratio, interval.lowerBound), interval.upperBound)
      self.interval = interval
    }
  }

  /// On the way to the target.
  public let forward: Share
  /// On the way back.
  public let back: Share

  /// Estimates both shares; the intervals hold together, however often one looks.
  ///
  /// Nil where no probe was answered at all: then the two ways cannot be told apart.
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
    // Of those that were answered r / (1 + r) came by a repetition, where r = b p / (1 − b).
    let part = interval(counts.repeated, answered)
    let most = part.upperBound < 0.5 ? part.upperBound / (1 - part.upperBound) : 1
    let ratio = Double(counts.repeated) / Double(max(counts.atOnce, 1))
    // p = 1 − b² where two repetitions are listened for: b + b² = r.
    back = Share(((1 + 4 * ratio).squareRoot() - 1) / 2, in: min(part.lowerBound, most)...most)
    // Of all (1 − f)(1 − b²) were answered, up to 1 − f.
    let reached = interval(answered, counts.count)
    let lower = LossDirection.forward(reached.upperBound, most)
    let best = LossDirection.forward(Double(answered) / Double(counts.count), back.ratio)
    forward = Share(best, in: lower...(1 - reached.lowerBound))
  }

  /// The share on the way there, where so many were answered, and so many at most are lost on the way back.
  private static func forward(_ answered: Double, _ back: Double) -> Double {
    let room = 1 - back * back
    guard room > answered else { return 0 }
    return 1 - answered / room
  }
}
