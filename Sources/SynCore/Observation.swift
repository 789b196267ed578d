/// The observation points of a probe: four kernel stamps on one clock, each absent where it could not be taken.
public struct Observation: Hashable, Sendable, Codable {
  /// The SYN was handed to the kernel, which then held it before its queueing discipline; nil where it did not.
  public var handed: KernelTimestamp?
  /// What held it.
  public var holder: Holder?
  /// The SYN entered this host's queueing discipline (TX_SCHED).
  public var queued: KernelTimestamp?
  /// The SYN was handed to the device (TX_SOFTWARE).
  public var sent: KernelTimestamp?
  /// The reply reached this host's device (libpcap).
  public var received: KernelTimestamp?
  /// The reply came through this host's ingress, where an application would get it (the raw socket's receive stamp).
  public var delivered: KernelTimestamp?
  /// The kernel's own round trip of a handshake that it made itself (TCP_INFO); such a probe has no stamps.
  public var handshake: Duration?

  /// What may hold a SYN in this host before it enters a queueing discipline.
  public enum Holder: String, CaseIterable, Sendable, Codable {
    /// The next hop's link address was not known: ARP or ND had to find it.
    case neighbour
    /// A packet queue, as of netfilter (NFQUEUE).
    case packetQueue = "packet queue"
  }

  /// No stamp yet.
  public init() {}

  /// When an application's wait began: as it entered the queue, or as it was handed over, where it was held before.
  public var start: KernelTimestamp? { handed ?? queued }
  /// How long it was held before it entered the queue; nil where it was not.
  public var held: Duration? { difference(queued, handed) }

  /// Time in this host's queueing disciplines: sent − queued, or − handed where it was held before.
  public var egress: Duration? { difference(sent, start) }
  /// Time between this host's device and back: received − sent.
  public var network: Duration? { difference(received, sent) }
  /// Time in this host's traffic control and netfilter on the way in: delivered − received.
  ///
  /// Nil where both are one stamp: behind most devices the raw socket gets that of the arrival, and the time between,
  /// some microseconds, was not measured.
  public var ingress: Duration? { delivered == received ? nil : difference(delivered, received) }
  /// The ingress, and zero where it was too short to be measured: what it is compared with is longer.
  public var ingressBound: Duration? { difference(delivered, received) }
  /// The round-trip time that an application would wait for: delivered − queued (or − handed), or the kernel's.
  public var roundTrip: Duration? { difference(delivered, start) ?? handshake }

  /// Whether all four stamps are there.
  public var isComplete: Bool { queued != nil && sent != nil && received != nil && delivered != nil }

  /// The points without a stamp.
  public var missing: [ObservationPoint] {
    let stamps: [(ObservationPoint, KernelTimestamp?)] = [
      (.queued, queued), (.sent, sent), (.received, received), (.delivered, delivered),
    ]
    return stamps.filter { $0.1 == nil }.map(\.0)
  }

  /// Whether a later point carries an earlier time, or the whole took longer than `limit`: the clock was stepped.
  public func isAbsurd(within limit: Duration) -> Bool {
    guard let first = queued ?? sent ?? received ?? delivered else { return false }
    var latest = first
    func isBack(_ stamp: KernelTimestamp?) -> Bool {
      guard let stamp else { return false }
      defer { latest = stamp }
      return stamp - latest < .zero
    }
    return isBack(sent) || isBack(received) || isBack(delivered) || latest - first > limit
  }

  private func difference(_ later: KernelTimestamp?, _ earlier: KernelTimestamp?) -> Duration? {
    guard let later, let earlier else { return nil }
    return later - earlier
  }
}

/// The two stamps of a packet on its way out.
public enum TransmitStamp: Sendable {
  /// TX_SCHED.
  case queued
  /// TX_SOFTWARE.
  case sent
}

/// The four points at which a probe is observed.
public enum ObservationPoint: String, CaseIterable, Sendable, Codable {
  /// See `Observation.queued`.
  case queued
  /// See `Observation.sent`.
  case sent
  /// See `Observation.received`.
  case received
  /// See `Observation.delivered`.
  case delivered
}
