public import SynWire

/// One probe to be sent.
public struct ProbeRequest: Hashable, Sendable {
  /// The series that it belongs to.
  public var series: SeriesID
  /// Its number within the series, from 0.
  public var sequence: Int
  /// Where the SYN goes.
  public var target: Endpoint
  /// How long an answer counts, from the moment of submission.
  public var timeout: Duration
  /// Whether the device is known to stamp what it sends: without that, a missing `sent` stamp says nothing.
  public var expectsSentStamp: Bool
  /// Index of the device that its answers are captured on; 0 for any.
  public var device: UInt32

  /// Joins the fields.
  public init(
    series: SeriesID, sequence: Int, target: Endpoint, timeout: Duration, expectsSentStamp: Bool = true,
    device: UInt32 = 0
  ) {
    self.series = series
    self.sequence = sequence
    self.target = target
    self.timeout = timeout
    self.expectsSentStamp = expectsSentStamp
    self.device = device
  }
}

/// How one probe ended, and what was seen of it.
public struct ProbeResult: Hashable, Sendable {
  /// The probe's number in the engine.
  public var id: ProbeID
  /// What was asked.
  public var request: ProbeRequest
  /// The source port it left from; nil where the kernel had not told it yet.
  public var localPort: UInt16?
  /// How it ended.
  public var outcome: ProbeOutcome
  /// Its stamps; all absent when the clock was stepped meanwhile.
  public var observation: Observation
  /// What the answer carried, where there was one.
  public var reply: ReplyFacts?

  /// Joins the fields.
  public init(
    id: ProbeID, request: ProbeRequest, localPort: UInt16?, outcome: ProbeOutcome, observation: Observation,
    reply: ReplyFacts?
  ) {
    self.id = id
    self.request = request
    self.localPort = localPort
    self.outcome = outcome
    self.observation = observation
    self.reply = reply
  }
}
