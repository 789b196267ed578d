/// The observation points of a probe: four kernel stamps on one clock, each absent where it could not be taken.
public struct Observation: Hashable, Sendable {
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

  /// No stamp yet.
  public init() {}

  /// Time in this host's queueing disciplines: sent − queued.
  public var egress: Duration? { difference(sent, queued) }
  /// Time between this host's device and back: received − sent.
  public var network: Duration? { difference(received, sent) }
  /// Time in this host's traffic control and netfilter on the way in: delivered − received.
  public var ingress: Duration? { difference(delivered, received) }
  /// The round-trip time that an application would wait for: delivered − queued, or the kernel's.
  public var roundTrip: Duration? { difference(delivered, queued) ?? handshake }

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
    let stamps = [queued, sent, received, delivered].compactMap { $0 }
    let goesBack = zip(stamps, stamps.dropFirst()).contains { $1 - $0 < .zero }
    guard let first = stamps.first, let last = stamps.last else { return false }
    return goesBack || last - first > limit
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
public enum ObservationPoint: String, CaseIterable, Sendable {
  /// See `Observation.queued`.
  case queued
  /// See `Observation.sent`.
  case sent
  /// See `Observation.received`.
  case received
  /// See `Observation.delivered`.
  case delivered
}
