public import SynWire

/// A TCP packet that this host's kernel dropped, and why.
public struct DroppedPacket: Hashable, Sendable {
  /// As its header has it.
  public let sourcePort: UInt16
  /// As its header has it.
  public let destinationPort: UInt16
  /// As its header has it.
  public let sequence: SequenceNumber
  /// As its header has it.
  public let acknowledgement: SequenceNumber
  /// As its header has it.
  public let flags: TCPFlags
  /// Why it was dropped.
  public let reason: DropReason

  /// Joins the fields.
  public init(
    from sourcePort: UInt16, to destinationPort: UInt16, sequence: SequenceNumber, acknowledgement: SequenceNumber,
    flags: TCPFlags, reason: DropReason
  ) {
    self.sourcePort = sourcePort
    self.destinationPort = destinationPort
    self.sequence = sequence
    self.acknowledgement = acknowledgement
    self.flags = flags
    self.reason = reason
  }
}

extension ProbeEngine {
  /// This host's kernel dropped a SYN or an answer: the probe remembers why, should it be lost.
  public mutating func dropped(_ packet: DroppedPacket) {
    let isAnswer = packet.flags.contains(.ack)
    let id =
      isAnswer
      ? table.probe(answeredAt: packet.destinationPort, with: packet.acknowledgement)
      : table.probe(from: packet.sourcePort, with: packet.sequence)
    guard let id else { return }
    table.noteRare(id) { $0.drop = $0.drop ?? packet.reason }
  }

  /// What dropped the SYN of a probe did not end it: it is sent again.
  public mutating func forgetDrop(_ id: ProbeID) {
    guard let probe = table[id], table[findings: probe].rare != nil else { return }
    table.noteRare(id) { $0.drop = nil }
  }
}
