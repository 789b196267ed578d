/// A received TCP segment without its data (RFC 9293 section 3.1).
public struct TCPSegment: Hashable, Sendable {
  /// Who sent it.
  public var source: Endpoint
  /// Whom it is for.
  public var destination: Endpoint
  /// Sequence number.
  public var sequence: SequenceNumber
  /// Acknowledgement number; significant with the ACK flag only.
  public var acknowledgement: SequenceNumber
  /// Control bits.
  public var flags: TCPFlags
  /// Receive window as it stands in the header, not scaled.
  public var window: UInt16
  /// Options.
  public var options: TCPOptions
  /// Time to live, or hop limit, as the packet arrived.
  public var hopLimit: UInt8
  /// What the checksum says.
  public var checksum: Checksum.State
  /// The checksum as it stands in the header.
  public var checksumField: UInt16
  /// Urgent pointer as it stands in the header; significant with the URG flag only.
  public var urgentPointer: UInt16
  /// How the IP packet was made; nil where its header was not there to read.
  public var packet: IPFields?

  /// Joins the fields.
  public init(
    source: Endpoint, destination: Endpoint, sequence: SequenceNumber, acknowledgement: SequenceNumber,
    flags: TCPFlags, window: UInt16 = 0, options: TCPOptions = TCPOptions(), hopLimit: UInt8 = 64,
    checksum: Checksum.State = .correct, checksumField: UInt16 = 0, urgentPointer: UInt16 = 0, packet: IPFields? = nil
  ) {
    self.source = source
    self.destination = destination
    self.sequence = sequence
    self.acknowledgement = acknowledgement
    self.flags = flags
    self.window = window
    self.options = options
    self.hopLimit = hopLimit
    self.checksum = checksum
    self.checksumField = checksumField
    self.urgentPointer = urgentPointer
    self.packet = packet
  }

  /// Reads the segment that is the payload of `header`.
  /// - Throws: `WireError` when the fixed header is cut, or the data offset is impossible.
  public static func parse(_ bytes: RawSpan, in header: IPHeader) throws(WireError) -> TCPSegment {
    let start = header.payload.lowerBound
    guard let sourcePort = bytes.uint16(at: start), let destinationPort = bytes.uint16(at: start + 2),
      let sequence = bytes.uint32(at: start + 4), let acknowledgement = bytes.uint32(at: start + 8),
      let offset = bytes.octet(at: start + 12), let flags = bytes.octet(at: start + 13),
      let window = bytes.uint16(at: start + 14), let checksum = bytes.uint16(at: start + 16),
      let urgent = bytes.uint16(at: start + 18)
    else { throw .truncated }
    let length = Int(offset >> 4) * 4
    guard length >= 20, length <= header.payload.count else { throw .badLength }
    let state = Checksum.judge(bytes, in: header.payload, source: header.source, destination: header.destination)
    return TCPSegment(
      source: Endpoint(address: header.source, port: sourcePort),
      destination: Endpoint(address: header.destination, port: destinationPort),
      sequence: SequenceNumber(sequence), acknowledgement: SequenceNumber(acknowledgement),
      flags: TCPFlags(rawValue: flags), window: window,
      options: TCPOptions.parse(bytes, in: start + 20..<start + length), hopLimit: header.hopLimit, checksum: state,
      checksumField: checksum, urgentPointer: urgent, packet: header.fields)
  }
}

extension TCPSegment: CustomStringConvertible {
  /// One line in the manner of tcpdump.
  public var description: String {
    "\(source) > \(destination): \(flags) seq \(sequence) ack \(acknowledgement) win \(window) ttl \(hopLimit)"
  }
}
