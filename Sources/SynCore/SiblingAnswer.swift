internal import SynWire

/// What came of a probe to another port of a target that had fallen silent.
public struct SiblingAnswer: Hashable, Sendable, Codable {
  /// The port.
  public var port: UInt16
  /// When it was sent.
  public var submitted: MonotonicInstant
  /// How it ended.
  public var outcome: ProbeOutcome.Kind
  /// The round trip of an answer, where its stamps are there.
  public var roundTrip: Duration?
  /// Time to live, or hop limit, of an answer.
  public var hopLimit: UInt8?

  /// Takes what a probe's result tells.
  public init(_ result: ProbeResult) {
    port = result.request.target.port
    submitted = result.submitted
    outcome = result.outcome.kind
    roundTrip = result.observation.network ?? result.observation.roundTrip
    hopLimit = result.reply?.hopLimit
  }
}
