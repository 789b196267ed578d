public import SynWire

/// What is counted beside the outcomes.
public enum Anomaly: String, CaseIterable, Sendable, Codable {
  /// A further copy of an answer that the network, not the target's timer, made.
  case duplicates
  /// The target's own repetition of its SYN-ACK, about 1 s, 3 s, 7 s after the first.
  case retransmissions
  /// A valid answer after the timeout; its probe stays `lost`.
  case late
  /// An answer to an earlier probe that arrived after the answer to a later one.
  case reordered
  /// A reply with a wrong TCP checksum, which a kernel would refuse.
  case corrupt
  /// A reply to one of our ports that answers no probe.
  case unmatched
  /// A packet that this host's own full buffers lost before it could be looked at.
  case captureDrops = "capture_drops"
  /// A step of the realtime clock.
  case clockSteps = "clock_steps"
  /// A port at which the target still held a connection that an earlier probe had left over: the probe was sent again.
  case leftovers
  /// A time in which this process was not run, so that probes left late: it was stopped, or the processor was starved.
  case stalls
}

/// One occurrence, or `count` of them at once.
public struct AnomalyReport: Hashable, Sendable, Codable {
  /// What was seen.
  public var kind: Anomaly
  /// How often.
  public var count: UInt64
  /// Whose it is; nil where it concerns every series.
  public var series: SeriesID?
  /// The probe's number in its series, where it is known.
  public var sequence: Int?
  /// The round trip of a late answer, where it is known.
  public var roundTrip: Duration?
  /// Of a duplicate or a retransmission: the answer that came once more.
  public var copy: ReplyCopy?
  /// Of a retransmission: how long after the first answer, or where that was lost after the probe.
  public var delay: Duration?
  /// Of an unmatched answer with the right acknowledgement: who sent it in the target's stead.
  public var stranger: Endpoint?

  /// Joins the fields.
  public init(
    _ kind: Anomaly, count: UInt64 = 1, series: SeriesID? = nil, sequence: Int? = nil, roundTrip: Duration? = nil,
    copy: ReplyCopy? = nil, delay: Duration? = nil, stranger: Endpoint? = nil
  ) {
    self.kind = kind
    self.count = count
    self.series = series
    self.sequence = sequence
    self.roundTrip = roundTrip
    self.copy = copy
    self.delay = delay
    self.stranger = stranger
  }
}

/// An answer that reached the device once more.
public struct ReplyCopy: Hashable, Sendable, Codable {
  /// What its headers carried.
  public var facts: ReplyFacts
  /// When it reached the device: compare with its probe's `Observation.queued`.
  public var received: KernelTimestamp?

  /// Joins the two.
  public init(facts: ReplyFacts, received: KernelTimestamp?) {
    self.facts = facts
    self.received = received
  }
}
