internal import SynCore
package import SynProbe
package import SynVerdict

/// What the probes of a window amount to.
package struct WindowReport: Sendable, Hashable {
  /// The sum of the outcomes.
  package var attempted: Int
  /// Probes by outcome.
  package var outcomes: PingReport.Outcomes
  /// Lost over sent, 0 to 1; absent where none was sent.
  package var lossRatio: Double?
  /// Round trips; absent without an answer.
  package var rttMs: PingReport.Summary?
  /// Where the time went, in the median and at most.
  package var segmentsMs: PingReport.Segments?

  /// Counts what a window holds.
  package init(_ samples: [Sample]) {
    attempted = samples.count
    outcomes = .blank
    for sample in samples { outcomes[sample.outcome] += 1 }
    let sent = samples.count - outcomes.blocked - outcomes.cancelled
    lossRatio = sent > 0 ? Double(outcomes.lost) / Double(sent) : nil
    let answers = samples.filter(\.isAnswer)
    rttMs = PingReport.Summary(WindowReport.distribution(answers.compactMap(\.roundTrip)))
    let parts = Segment.allCases.map { segment in
      PingReport.Segment(WindowReport.distribution(answers.compactMap { $0.time(in: segment) }))
    }
    if parts.contains(where: { $0 != nil }) {
      var segments = PingReport.Segments.blank
      (segments.egress, segments.network, segments.ingress) = (parts[0], parts[1], parts[2])
      segmentsMs = segments
    }
  }

  private static func distribution(_ values: [Int64]) -> LatencyDistribution {
    var distribution = LatencyDistribution()
    for value in values { distribution.add(.nanoseconds(value)) }
    return distribution
  }
}

extension PingReport.Outcomes {
  fileprivate subscript(kind: ProbeOutcome.Kind) -> Int {
    get { self[keyPath: PingReport.Outcomes.path(kind)] }
    set { self[keyPath: PingReport.Outcomes.path(kind)] = newValue }
  }

  private static func path(_ kind: ProbeOutcome.Kind) -> WritableKeyPath<Self, Int> {
    switch kind {
    case .open: \.open
    case .closed: \.closed
    case .filtered: \.filtered
    case .lost: \.lost
    case .blocked: \.blocked
    case .unexpected: \.unexpected
    case .cancelled: \.cancelled
    }
  }
}

extension WindowReport: ReportObject {
  package static let members: [ReportMember<Self>] = [
    .init("attempted", \.attempted), .init("outcomes", \.outcomes), .init("loss_ratio", \.lossRatio, .share),
    .init("rtt_ms", \.rttMs), .init("segments_ms", \.segmentsMs),
  ]
  package static var blank: Self { Self([]) }
  package static var schemaName: String? { "Window" }
}
