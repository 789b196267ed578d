public import SynWire

/// What the SYNs of a train carry, in place of what the prober's own carry.
public struct SynShape: Hashable, Sendable, Codable {
  /// TCP options: the more there are, the larger the answer.
  public var options: SynOptions
  /// Bytes of zeros behind the header, which a listener ignores (RFC 9293 section 3.10.7.2 lets it keep them).
  public var padding: UInt16

  /// Joins the fields.
  public init(options: SynOptions, padding: UInt16 = 0) {
    self.options = options
    self.padding = padding
  }

  /// Bytes of one SYN as a queueing discipline of a link with Ethernet headers counts them.
  public func frameBytes(_ family: IPAddress.Family) -> Int {
    ProbeTrain.linkHeader + ProbeTrain.ipHeader(family) + 20 + options.length + Int(padding)
  }
}

/// SYNs that left together, and when each was seen where: what a narrow link does to their distances tells how wide it is.
public struct ProbeTrain: Hashable, Sendable, Codable {
  /// The sizes that are compared.
  public enum Kind: CaseIterable, Hashable, Sendable, Codable {
    /// Large SYNs, whose answers are as small as any.
    case padded
    /// SYNs with the options of a client.
    case full
    /// SYNs without options: they are smaller, and their answers are.
    case plain
  }

  /// One of its SYNs; what was not stamped is absent.
  public struct Car: Hashable, Sendable, Codable {
    /// See `Observation`.
    public var queued, sent, received, delivered: KernelTimestamp?
    /// Bytes of the answer, as `SynShape.frameBytes` counts them; nil without one.
    public var answerBytes: Int?

    /// Not seen yet.
    public init() {}
  }

  /// Which sizes.
  public let kind: Kind
  /// Bytes of each SYN.
  public let frameBytes: Int
  /// In the order in which they left.
  public var cars: [Car]

  /// Joins the fields.
  public init(_ kind: Kind, frameBytes: Int, cars: [Car]) {
    self.kind = kind
    self.frameBytes = frameBytes
    self.cars = cars
  }

  /// Ethernet's.
  static let linkHeader = 14

  static func ipHeader(_ family: IPAddress.Family) -> Int { family == .v4 ? 20 : 40 }
}

extension ProbeTrain.Car {
  /// What is known of one probe of a train.
  package init(_ result: ProbeResult) {
    let seen = result.observation
    (queued, sent, received, delivered) = (seen.queued, seen.sent, seen.received, seen.delivered)
    guard result.outcome.isAnswer, let reply = result.reply else { return }
    let family = result.request.target.address.family
    let length = reply.packet.map { Int($0.totalLength) }.flatMap { $0 > 0 ? $0 : nil }
    // An IPv6 raw socket does not show the header: timestamps come with all the options of a client.
    let options = reply.senderClock != nil ? 20 : reply.maximumSegmentSize != nil ? 4 : 0
    answerBytes = ProbeTrain.linkHeader + (length ?? ProbeTrain.ipHeader(family) + 20 + options)
  }
}

/// Why no train can be sent.
public enum TrainAbsence: String, Error, Hashable, Sendable, Codable {
  /// The kernel's own handshakes cannot be sent in a row.
  case modeConnect = "mode connect sends no trains"
  /// Each SYN of a train needs a port of its own.
  case fixedPort = "a train needs many source ports, and one was chosen"
}
