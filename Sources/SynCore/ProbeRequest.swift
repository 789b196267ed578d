public import SynWire

/// One probe to be sent.
public struct ProbeRequest: Hashable, Sendable, Codable {
  /// The series that it belongs to.
  public var series: SeriesID
  /// Its number within the series, from 0.
  public var sequence: Int
  /// Where the SYN goes.
  public var target: Endpoint
  /// How long an answer counts, from the moment of submission.
  public var timeout: Duration
  /// Whether the device is known to stamp what it sends: without that, or an answered probe of the series that was
  /// stamped, a missing `sent` stamp says nothing.
  public var expectsSentStamp: Bool
  /// Index of the device that its answers are captured on; 0 for any.
  public var device: UInt32
  /// The address that it leaves from, where that is known: an unreachable host is told by this host itself.
  public var source: IPAddress?
  /// The router that it is handed to; nil where the target itself is the neighbour.
  public var nextHop: IPAddress?
  /// Time to live, or hop limit, of the SYN, 1 to 255; nil for the socket's own.
  public var hopLimit: UInt8?
  /// How often it was sent before, from ports at which the target held a connection that an earlier probe left over.
  ///
  /// The answer to that is an answer: without another one in time the probe ends as `unexpected`, and not as lost.
  public var repeats: UInt8 = 0

  /// What its SYN carries, of a train's; nil for the prober's own.
  public var shape: SynShape?

  /// How long it is remembered when it was lost; nil for `ProbeEngine.grace`.
  public var memory: Duration?

  /// Whose link address it needs: the router's, or the target's own.
  public var neighbour: IPAddress { nextHop ?? target.address }

  /// Joins the fields.
  public init(
    series: SeriesID, sequence: Int, target: Endpoint, timeout: Duration, expectsSentStamp: Bool = true,
    device: UInt32 = 0, source: IPAddress? = nil, nextHop: IPAddress? = nil, hopLimit: UInt8? = nil
  ) {
    self.series = series
    self.sequence = sequence
    self.target = target
    self.timeout = timeout
    self.expectsSentStamp = expectsSentStamp
    self.device = device
    self.source = source
    self.nextHop = nextHop
    self.hopLimit = hopLimit
  }
}

/// How one probe ended, and what was seen of it.
public struct ProbeResult: Hashable, Sendable {
  /// The probe's number in the engine.
  public var id: ProbeID
  /// What was asked.
  public var request: ProbeRequest
  /// When it was submitted.
  public var submitted: MonotonicInstant
  /// The source port it left from; nil where the kernel had not told it yet.
  public var localPort: UInt16?
  /// How it ended.
  public var outcome: ProbeOutcome
  /// Its stamps; all absent when the clock was stepped meanwhile.
  public var observation: Observation
  /// What the answer carried, where there was one.
  public var reply: ReplyFacts?
  /// What comes of few probes: none, or one.
  ///
  /// It is apart, so that the others' results are moved at little cost.
  private var rarities: [Rarity] = []

  private struct Rarity: Hashable, Sendable {
    var cause: LossCause?
    var drop: DropReason?
    var stranger: Endpoint?
    var noted: ICMPError?
  }

  /// Why it never left this host, where that is known.
  public var cause: LossCause? {
    get { rarities.first?.cause }
    set { set(\.cause, to: newValue) }
  }
  /// Why this host's kernel dropped its SYN or the answer to it, where it was lost or blocked and the kernel was asked
  /// (`ProberConfiguration.tellsWhy`).
  public var drop: DropReason? {
    get { rarities.first?.drop }
    set { set(\.drop, to: newValue) }
  }
  /// Who else than the target answered with the right acknowledgement, which connect(2) would refuse.
  public var stranger: Endpoint? {
    get { rarities.first?.stranger }
    set { set(\.stranger, to: newValue) }
  }
  /// An ICMP error that quoted the probe and ended nothing, such as "fragmentation needed".
  public var noted: ICMPError? {
    get { rarities.first?.noted }
    set { set(\.noted, to: newValue) }
  }

  private mutating func set<Value>(_ member: WritableKeyPath<Rarity, Value?>, to value: Value?) {
    var rarity = rarities.first ?? Rarity()
    rarity[keyPath: member] = value
    rarities = rarity == Rarity() ? [] : [rarity]
  }

  /// Joins the fields.
  public init(
    id: ProbeID, request: ProbeRequest, submitted: MonotonicInstant, localPort: UInt16?, outcome: ProbeOutcome,
    observation: Observation,
    reply: ReplyFacts?
  ) {
    self.id = id
    self.request = request
    self.submitted = submitted
    self.localPort = localPort
    self.outcome = outcome
    self.observation = observation
    self.reply = reply
  }
}
