package import SynCore
package import SynProbe
package import SynVerdict

/// What happened to a monitor: an onset, a recovery, a window that has passed, or that probing began.
package struct HistoryEntry: Sendable, Hashable {
  /// `onset`, `recovery`, `window` or `start`.
  package var kind: String
  /// When; of a window its begin.
  package var at: String
  /// What has changed: `rtt`, `spread` or `loss`.
  package var what: String?
  /// By how much, milliseconds; below 0 where it fell.
  package var changeMs: Double?
  /// By how much a share changed, −1 to 1.
  package var changeRatio: Double?
  /// What it was before.
  package var beforeMs: Double?
  /// What the share was before.
  package var beforeRatio: Double?
  /// Of an outcome: which it has become, `closed`, `filtered`, `blocked` or `unexpected`, or `open`.
  package var outcome: String?
  /// In which segment; absent where that cannot be told.
  package var place: String?
  /// On which way, `forward` or `back`, where that is known.
  package var way: String?
  /// Of a recovery: when its onset was.
  package var onsetAt: String?
  /// Of a recovery: how long that is ago.
  package var lastedMs: Double?
  /// How many probes it is seen by.
  package var probes: Int?
  /// Of a window: how long it is.
  package var windowMs: Double?
  /// Of a window: what its probes amount to.
  package var window: WindowReport?
  /// Of a window: the verdict at its end.
  package var verdict: Verdict?
  /// One sentence without a full stop.
  package var text: String

  /// A change.
  package init(_ change: ChangePoint) {
    kind = change.kind.rawValue
    at = KernelTimestamp(nanoseconds: change.at).rfc3339
    what = change.quantity.rawValue
    switch change.size {
    case .time(let value): changeMs = Duration.nanoseconds(value).milliseconds
    case .share(let value): changeRatio = value
    }
    switch change.before {
    case .time(let value): beforeMs = Duration.nanoseconds(value).milliseconds
    case .share(let value): beforeRatio = value
    }
    outcome = change.outcome?.rawValue
    place = change.place?.rawValue
    way = change.way?.rawValue
    onsetAt = change.onset.map { KernelTimestamp(nanoseconds: $0).rfc3339 }
    lastedMs = change.onset.map { Duration.nanoseconds(change.at - $0).milliseconds }
    probes = change.probes
    text = change.words
  }

  /// A window that has passed.
  package init(from start: KernelTimestamp, lasting length: Duration, _ window: WindowReport, _ verdict: Verdict?) {
    self.init("window", at: start, "\(window.attempted) probes")
    windowMs = length.milliseconds
    self.window = window
    self.verdict = verdict
  }

  /// That probing began, and why then.
  package init(startAt time: KernelTimestamp, _ reason: String) { self.init("start", at: time, reason) }

  private init(_ kind: String, at time: KernelTimestamp, _ text: String) {
    self.kind = kind
    at = time.rfc3339
    self.text = text
  }
}

extension ChangePoint {
  /// As `+100.1 ms in the network`.
  fileprivate var words: String {
    let amount =
      switch size {
      case .time(let value): "\(value < 0 ? "-" : "+")\(Duration.nanoseconds(abs(value)).millisecondsText) ms"
      case .share(let value): "\(value < 0 ? "-" : "+")\(ChangePoint.percent(abs(value)))"
      }
    let subject =
      switch quantity {
      case .roundTrip: ""
      case .spread: " of spread"
      case .loss: " of the probes lost"
      case .outcome: " of the probes \(outcome?.rawValue ?? "otherwise than before")"
      }
    let change = amount + subject + placeWords
    return kind == .onset ? "\(change) since then" : "back to what it was before; it had been \(change)"
  }

  private var placeWords: String {
    switch (place, way) {
    case (.egress, _): " in this host's egress"
    case (.ingress, _): " in this host's ingress"
    case (.network, .forward?): " in the network, on the way to the target"
    case (.network, .back?): " in the network, on the way back"
    case (.network, nil): " in the network"
    case (nil, _): ""
    }
  }

  private static func percent(_ share: Double) -> String {
    let tenths = Int((share * 1_000).rounded())
    return "\(tenths / 10).\(tenths % 10) %"
  }
}

extension HistoryEntry: ReportObject {
  package static let members: [ReportMember<Self>] = [
    .init("kind", \.kind, .oneOf(["onset", "recovery", "window", "start"])), .init("at", \.at, .date),
    .init("what", \.what, .oneOf(ChangePoint.Quantity.allCases.map(\.rawValue))),
    .init("change_ms", \.changeMs, .number), .init("change_ratio", \.changeRatio, .number),
    .init("before_ms", \.beforeMs, .number), .init("before_ratio", \.beforeRatio, .share),
    .init("outcome", \.outcome, .oneOf(ProbeOutcome.Kind.allCases.map(\.rawValue))),
    .init("where", \.place, .oneOf(Segment.allCases.map(\.rawValue))),
    .init("way", \.way, .oneOf(LossWay.allCases.map(\.rawValue))), .init("onset_at", \.onsetAt, .date),
    .init("lasted_ms", \.lastedMs), .init("probes", \.probes), .init("window_ms", \.windowMs),
    .init("window", \.window), .init("verdict", \.verdict), .init("text", \.text),
  ]
  package static var blank: Self { Self("", at: KernelTimestamp(nanoseconds: 0), "") }
  package static var schemaName: String? { "HistoryEntry" }
}
