internal import SynCore
internal import SynVerdict

extension PingReport {
  /// A counter of this host that has grown while the probes were under way.
  public struct DroppedBy: Sendable, Hashable {
    /// Where the probes were lost: egress, network (of this host's own listener) or ingress.
    public var place: String
    /// What counts, as tc(8) and nstat(8) write it.
    public var what: String
    /// Packets that it has counted meanwhile, whoever's they were.
    public var count: UInt64
    /// `counts agree`: as many as were lost, which is evidence; `counts differ`, which proves nothing.
    public var evidence: String
  }
}

extension PingReport.DroppedBy {
  init(_ evidence: DropEvidence) {
    self.init(
      place: evidence.place.rawValue, what: evidence.what, count: evidence.count, evidence: evidence.word.rawValue)
  }
}

extension PingReport.DroppedBy: ReportObject {
  package static let members: [ReportMember<Self>] = [
    .init("place", \.place, .oneOf(LossPlace.allCases.filter { $0 != .unknown }.map(\.rawValue))),
    .init("what", \.what),
    .init("count", \.count),
    .init("evidence", \.evidence, .oneOf(DropEvidence.Word.allCases.map(\.rawValue))),
  ]
  package static var blank: Self { Self(place: "", what: "", count: 0, evidence: "") }
  package static var schemaName: String? { "DroppedBy" }
}
