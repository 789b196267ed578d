public import SynWire

/// What an answer's headers carried.
public struct ReplyFacts: Hashable, Sendable, Codable {
  /// Time to live, or hop limit, as it arrived.
  public var hopLimit: UInt8
  /// Control bits.
  public var flags: TCPFlags
  /// Receive window as it stands in the header.
  public var window: UInt16
  /// MSS option, bytes.
  public var maximumSegmentSize: UInt16?
  /// The target's own clock, as it stamped the answer (TSval, RFC 7323); nil where it did not.
  public var senderClock: UInt32?
  /// Sequence number.
  public var sequence: SequenceNumber
  /// Acknowledgement number.
  public var acknowledgement: SequenceNumber
  /// The TCP checksum as it stands in the header.
  public var checksum: UInt16
  /// Urgent pointer as it stands in the header.
  public var urgentPointer: UInt16
  /// How the IP packet was made; nil where its header was not there to read, as on an IPv6 raw socket.
  public var packet: IPFields?

  /// Takes them from a segment.
  public init(_ segment: TCPSegment) {
    hopLimit = segment.hopLimit
    flags = segment.flags
    window = segment.window
    maximumSegmentSize = segment.options.maximumSegmentSize
    senderClock = segment.options.timestamps?.value
    sequence = segment.sequence
    acknowledgement = segment.acknowledgement
    checksum = segment.checksumField
    urgentPointer = segment.urgentPointer
    packet = segment.packet
  }
}
