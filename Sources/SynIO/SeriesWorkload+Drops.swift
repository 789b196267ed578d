internal import SynCore
internal import SynSystem

/// What this host's own counters say of the probes that it dropped.
extension SeriesWorkload {
  /// Many series begin together, and end together: the counters are read once for them.
  private static let startsTogether = Duration.milliseconds(200)
  private static let endsTogether = Duration.milliseconds(10)

  /// What the counters stand at before a series begins; nil in mode `connect`, which does not tell where a probe was lost.
  mutating func dropsAtStart() -> DropReading? {
    transport.connector == nil ? drops(notOlderThan: SeriesWorkload.startsTogether) : nil
  }

  /// Tells a series that ends what was counted meanwhile, where a probe of it may be among that.
  mutating func tellDrops(of id: SeriesID) {
    guard let active = series[id], active.hasDrops, let before = active.dropsBefore else { return }
    let now = drops(notOlderThan: SeriesWorkload.endsTogether)
    active.handler(.dropped(now.counts.growth(since: before.counts)))
  }

  private mutating func drops(notOlderThan age: Duration) -> DropReading {
    let now = SystemClock.now()
    if let known = recentDrops, now.since(known.at) < age { return known.reading }
    let reading = DropReading.current()
    recentDrops = (reading, now)
    return reading
  }
}

extension ProbeOutcome {
  /// Whether a counter of this host may have counted the probe.
  func mayBeDropped(within host: Bool) -> Bool {
    switch self {
    case .lost(.egress), .lost(.ingress): true
    case .lost(.network): host
    case .blocked(let failure): failure.isQueueFull
    default: false
    }
  }
}
