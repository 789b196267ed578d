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
    /// `traced`: the kernel said so of each; `counts agree`: as many as were lost, which is evidence; `counts differ`, which
    /// proves nothing.
    public var evidence: String
  }

  /// Why this host's kernel dropped a SYN, or an answer to it.
  public struct Drop: Sendable, Hashable {
    /// The kernel's reason, as `NETFILTER_DROP`.
    public var reason: String
    /// The kernel's function, as `nft_do_chain`; absent where it may not be known.
    public var function: String?
  }
}

extension PingReport.Drop: ReportObject {
  package static let members: [ReportMember<Self>] = [.init("reason", \.reason), .init("function", \.function)]
  package static var blank: Self { Self(reason: "") }
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
