public import SynCore

/// One line in the manner of `fping -C` and of Richard van den Berg's tcpping: `host : 91.700 37.000 - 36.800`.
///
/// SmokePing throws a line away whose first value is `-`, with all samples in it, so the answered ones come first. It
/// sorts them anyway.
public struct FpingLine {
  /// The host as the user wrote it.
  public let host: String
  private var roundTrips: [Duration] = []
  private var missing = 0

  /// Nothing yet.
  public init(host: String) {
    self.host = host
  }

  /// Adds a probe that has ended; one without a round trip to the target is missing.
  public mutating func add(_ result: ProbeResult) {
    if result.outcome.isAnswer, let roundTrip = result.observation.roundTrip {
      roundTrips.append(roundTrip)
    } else {
      missing += 1
    }
  }

  /// Milliseconds in the order in which the probes ended, then a `-` for each that is missing.
  public var text: String {
    let values = roundTrips.map(\.millisecondsText) + Array(repeating: "-", count: missing)
    return "\(host) : \(values.joined(separator: " "))"
  }
}
