public import SynWire

/// What the engine wants done or known.
public enum ProbeAction: Hashable, Sendable {
  /// Send this SYN now, and say `sendFailed` when that cannot be done.
  case transmit(SynSpecification)
  /// Start this attempt to connect now, and say `sendFailed` when that cannot be done.
  case connect(ConnectSpecification)
  /// Send this probe again from another port than that one, and say `retire` first: what answered it was left over at the
  /// target by an earlier probe. When it cannot be, nothing need be said.
  case sendAgain(ProbeID, ProbeRequest, from: UInt16)
  /// The probe has ended.
  case complete(ProbeResult)
  /// Something beside the outcomes was seen.
  case report(AnomalyReport)
  /// A packet of a probe of this series was seen; of one that left, the index of its device, 0 where that is not known.
  case packet(SeriesID, SeenPacket, leftBy: UInt32)
}

/// The SYN of one probe.
public struct SynSpecification: Hashable, Sendable {
  /// The probe.
  public let id: ProbeID
  /// The series it belongs to.
  public let series: SeriesID
  /// Where it goes.
  public let target: Endpoint
  /// Its port and sequence number.
  public let identity: ProbeIdentity
  /// Its time to live, or hop limit; nil for the socket's own.
  public let hopLimit: UInt8?
  /// What it carries, of a train's; nil for the prober's own.
  public let shape: SynShape?
}

/// The attempt of one probe that the kernel carries out.
public struct ConnectSpecification: Hashable, Sendable {
  /// The probe.
  public let id: ProbeID
  /// The series it belongs to.
  public let series: SeriesID
  /// Where it goes.
  public let target: Endpoint
  /// Its time to live, or hop limit; nil for the socket's own.
  public let hopLimit: UInt8?
}
