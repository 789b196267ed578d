public import SynWire

/// A packet of a probe, as this host's kernel showed it at one of the four points.
public struct SeenPacket: Hashable, Sendable, Codable {
  /// The probe's number in its series.
  public var sequence: Int
  /// Where it was seen.
  public let point: ObservationPoint
  /// When it was there.
  public let time: KernelTimestamp
  /// The device that it passed; nil on this host's own side of it.
  public var device: String?
  /// Its headers.
  public let headers: PacketHeaders

  /// Joins the fields.
  public init(
    _ point: ObservationPoint, at time: KernelTimestamp, device: String? = nil, headers: PacketHeaders,
    sequence: Int = 0
  ) {
    self.sequence = sequence
    self.point = point
    self.time = time
    self.device = device
    self.headers = headers
  }
}

extension ProbeEngine {
  /// A packet of this probe was seen: it is handed on to its series.
  public mutating func saw(_ packet: SeenPacket, of id: ProbeID) {
    guard let (series, sequence) = known(id) else { return }
    var packet = packet
    packet.sequence = sequence
    emit(.packet(series, packet, leftBy: packet.point == .sent ? common(to: id)?.device ?? 0 : 0))
  }

  /// A packet that may belong to a probe was seen: if it does, it is handed on to its series.
  public mutating func saw(_ packet: SeenPacket, _ frame: Frame) {
    let id: ProbeID?
    switch frame {
    case .tcp(let segment):
      switch classify(segment) {
      case .answer(let probe, _), .strange(let probe): id = probe
      case .notOurs: id = nil
      }
    case .icmp(let error): id = table.probe(from: error.quoted.sourcePort, with: error.quoted.sequence)
    case .other: id = nil
    }
    if let id { saw(packet, of: id) }
  }
}
