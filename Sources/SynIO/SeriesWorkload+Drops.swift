internal import SynCore
internal import SynSystem

/// What this host's own counters say of the probes that it dropped.
extension SeriesWorkload {
  /// Many series begin together, and end together: the counters are read once for them.
  private static let startsTogether = Duration.milliseconds(200)
  private static let endsTogether = Duration.milliseconds(10)

  /// What the counters stand at before a series begins; nil in mode `connect`, which does not tell where a probe was lost.
  mutating func dropsAtStart() -> DropCounts? {
    transport.connector == nil ? drops(notOlderThan: SeriesWorkload.startsTogether) : nil
  }

  /// Tells a series that ends what was counted meanwhile, where a probe of it may be among that.
  mutating func tellDrops(of id: SeriesID) {
    guard let active = series[id], active.hasDrops, let before = active.dropsBefore else { return }
    active.handler(.dropped(drops(notOlderThan: SeriesWorkload.endsTogether).growth(since: before)))
  }

  private mutating func drops(notOlderThan age: Duration) -> DropCounts {
    let now = SystemClock.now()
    if let known = recentDrops, now.since(known.at) < age { return known.counts }
    let counts = DropCounts.current()
    recentDrops = (counts, now)
    return counts
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
