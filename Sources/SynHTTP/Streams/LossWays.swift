internal import SynCore
internal import SynVerdict
internal import SynVerify

/// Which way the probes of a series are lost that goes on: what the target repeats tells it, some seconds after.
struct LossWays {
  /// Witnesses a second, beside the probes.
  static let witnesses = 2
  /// Probes and losses that are remembered; of those beyond nothing is told until what has changed is over.
  private static let most = 8192
  /// With fewer losses of one mind nothing is told.
  private static let fewest = 5

  private var trail: LossTrail
  private var probes = 0
  private var losses: [(sequence: Int, at: Int64)] = []
  private let isByKernel: Bool

  init(isByKernel: Bool) {
    self.isByKernel = isByKernel
    trail = LossTrail(isByKernel: isByKernel)
  }

  /// Adds an event; the memory begins anew when it is full, unless it `isKeeping` a change that goes on.
  mutating func add(_ event: ProbeEvent, isKeeping: Bool) {
    if case .probe = event { probes += 1 }
    if probes > LossWays.most {
      guard !isKeeping else { return }
      self = LossWays(isByKernel: isByKernel)
    }
    trail.add(event)
  }

  /// A probe was lost that left at this moment of the realtime clock, nanoseconds.
  mutating func lost(_ sequence: Int, at moment: Int64) {
    if losses.count < LossWays.most { losses.append((sequence, moment)) }
  }

  /// The way of the losses since a moment of the realtime clock; nil where that is not known by `now`, or there is none.
  func way(since moment: Int64, heardUntil now: MonotonicInstant) -> LossWay? {
    let since = losses.filter { $0.at >= moment }
    let ways = DirectionReading(trail, heardUntil: now).ways
    let decided = since.compactMap { ways[$0.sequence] }
    // Of a loss on one way alone hardly any is put down to the other.
    return LossWay.allCases.first { way in
      let count = decided.count { $0 == way }
      return count >= LossWays.fewest && 10 * count > 8 * decided.count
    }
  }
}
