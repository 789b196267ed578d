public import SynCore
internal import SynWire

/// The hop limits of a traceroute: one further with each hop that answers, until the target does.
public struct HopWalk {
  /// The hop limit of the next probe.
  public private(set) var hopLimit: UInt8
  /// Whether nothing more is to be asked: the target has answered, or something other than a hop has.
  public private(set) var isOver = false
  private let stopsAtAnswer: Bool
  private var unanswered = 0

  /// hping3 asks a hop that does not answer for ever; like traceroute, this goes on after three probes.
  static let patience = 3

  /// Starts with `first`; with `stopsAtAnswer` it is over with the first answer that is not a hop's.
  public init(from first: UInt8, stopsAtAnswer: Bool) {
    hopLimit = first
    self.stopsAtAnswer = stopsAtAnswer
  }

  /// Takes how a probe with this hop limit ended, and says whether it found a hop that was not known before.
  public mutating func ended(_ outcome: ProbeOutcome, hopLimit asked: UInt8) -> Bool {
    switch outcome {
    case .filtered(let error) where error.isTimeExceeded:
      guard asked == hopLimit else { return false }
      advance()
      return true
    case .filtered, .open, .closed, .unexpected: if stopsAtAnswer { isOver = true }
    case .lost:
      guard asked == hopLimit else { return false }
      unanswered += 1
      if unanswered >= HopWalk.patience { advance() }
    case .blocked, .cancelled: break
    }
    return false
  }

  private mutating func advance() {
    unanswered = 0
    if hopLimit < .max { hopLimit += 1 }
  }
}
