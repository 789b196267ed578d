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
  /// When the last of the probes left of which all was taken in that came before: by then it was listened.
  private var heardUntil = MonotonicInstant(nanoseconds: 0)
  private var losses: [(sequence: Int, at: Int64)] = []

  init(isByKernel: Bool) {
    trail = LossTrail(isByKernel: isByKernel)
  }

  /// Adds an event; the memory begins anew when it is full, unless it `isKeeping` a change that goes on.
  mutating func add(_ event: ProbeEvent, isKeeping: Bool) {
    if case .probe = event { probes += 1 }
    if probes > LossWays.most {
      guard !isKeeping else { return }
      trail.forget()
      (losses, probes) = ([], 0)
    }
    trail.add(event)
    if case .probe(let result) = event { heardUntil = max(heardUntil, result.submitted) }
  }

  /// The realtime clock was stepped: what was lost before cannot be told from what is lost since.
  mutating func step() { losses = [] }

  /// A probe was lost that left at this moment of the realtime clock, nanoseconds.
  mutating func lost(_ sequence: Int, at moment: Int64) {
    if losses.count < LossWays.most { losses.append((sequence, moment)) }
  }

  /// The way of the losses since a moment of the realtime clock; nil where that is not known yet, or there is none.
  func way(since moment: Int64) -> LossWay? {
    let since = losses.filter { $0.at >= moment }
    // What was well before would make what is lost on the way back seem rare, and what is silent lost on the way there.
    guard let first = since.map(\.sequence).min() else { return nil }
    let ways = DirectionReading(trail, from: first, heardUntil: heardUntil).ways
    let decided = since.compactMap { ways[$0.sequence] }
    // Of a loss on one way alone hardly any is put down to the other, and little stays undecided.
    return LossWay.allCases.first { way in
      let count = decided.count { $0 == way }
      return count >= LossWays.fewest && 10 * count > 8 * decided.count && 2 * count > since.count
    }
  }
}
