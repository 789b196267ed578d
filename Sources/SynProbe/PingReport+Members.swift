internal import SynCore
internal import SynVerdict

extension PingReport: ReportObject {
  package static let members: [ReportMember<Self>] = [
    .init("schema", \.schema, .oneOf(["synprobe.ping/1"])),
    .init("target", \.target),
    .init("mode", \.mode, .oneOf(["syn", "connect"])),
    .init("interface", \.interface),
    .init("source", \.source),
    .init("paths", \.paths, .list(Path.form, atLeast: 2)),
    .init("started_at", \.startedAt, .date),
    .init("duration_ms", \.durationMs),
    .init("attempted", \.attempted),
    .init("requested", \.requested, .integer(atLeast: 1, atMost: nil)),
    .init("outcomes", \.outcomes),
    .init("loss", \.loss),
    .init("listener", \.listener),
    .init("dropped_by", \.droppedBy, .list(DroppedBy.form, atLeast: 1)),
    .init("rtt_ms", \.rttMs),
    .init("segments_ms", \.segmentsMs),
    .init("anomalies", \.anomalies),
    .init("timestamps", \.timestamps),
    .init("clocks", \.clocks),
    .init("probes", \.probes),
  ]
  package static var blank: Self {
    Self(
      target: .blank, mode: "", startedAt: "", durationMs: 0, attempted: 0, outcomes: .blank, loss: .blank,
      anomalies: .blank, timestamps: .blank)
  }
  package static var schemaName: String? { "Ping" }

  /// A result whose probes are left out.
  package static var formWithoutProbes: ReportForm {
    .object("Baseline", members.map(\.field).filter { !["probes", "clocks"].contains($0.name) })
  }
}

extension PingReport.Target: ReportObject {
  package static let members: [ReportMember<Self>] = [
    .init("input", \.input), .init("address", \.address),
    .init("port", \.port, .integer(atLeast: 1, atMost: 65_535)),
  ]
  package static var blank: Self { Self(input: "", address: "", port: 0) }
}

extension PingReport.Path: ReportObject {
  package static let members: [ReportMember<Self>] = [.init("interface", \.interface), .init("source", \.source)]
  package static var blank: Self { Self(interface: "", source: "") }
}

extension PingReport.Outcomes: ReportObject {
  package static let members: [ReportMember<Self>] = [
    .init("open", \.open), .init("closed", \.closed), .init("filtered", \.filtered), .init("lost", \.lost),
    .init("blocked", \.blocked), .init("unexpected", \.unexpected), .init("cancelled", \.cancelled),
  ]
  package static var blank: Self { Self() }
}

extension PingReport.Loss: ReportObject {
  package static let members: [ReportMember<Self>] = [
    .init("ratio", \.ratio, .share), .init("of", \.of, .integer(atLeast: 1, atMost: nil)),
    .init("egress", \.egress), .init("network", \.network), .init("ingress", \.ingress), .init("unknown", \.unknown),
    .init("forward", \.forward), .init("back", \.back), .init("undecided", \.undecided),
    .init("direction", \.direction),
  ]
  package static var blank: Self { Self() }
}

extension PingReport.Clocks: ReportObject {
  package static let members: [ReportMember<Self>] = [.init("boot", \.boot), .init("answers", \.answers)]
  package static var blank: Self { Self(boot: "", answers: []) }
}

extension PingReport.Clocks.Reading: ReportObject {
  package static let members: [ReportMember<Self>] = [
    .init("port", \.port, .integer(atLeast: 1, atMost: 65_535)), .init("sent_ms", \.sentMs),
    .init("received_ms", \.receivedMs), .init("peer_ticks", \.peerTicks, .integer(atLeast: 0, atMost: 4_294_967_295)),
  ]
  package static var blank: Self { Self(port: 0, sentMs: 0, receivedMs: 0, peerTicks: 0) }
}

extension PingReport.Listener: ReportObject {
  package static let members: [ReportMember<Self>] = [
    .init("state", \.state, .oneOf(ListenerReading.State.allCases.map(\.rawValue))),
    .init("sibling", \.sibling, .integer(atLeast: 1, atMost: 65_535)),
    .init("reason", \.reason),
  ]
  package static var blank: Self { Self(state: "", reason: "") }
  package static var schemaName: String? { "Listener" }
}

extension PingReport.Direction: ReportObject {
  package static let members: [ReportMember<Self>] = [
    .init("forward", \.forward), .init("back", \.back), .init("undecided_because", \.undecidedBecause),
  ]
  package static var blank: Self { Self() }
  package static var schemaName: String? { "Direction" }
}

extension PingReport.Share: ReportObject {
  package static let members: [ReportMember<Self>] = [
    .init("ratio", \.ratio, .share), .init("interval", \.interval, .range(.share)),
  ]
  package static var blank: Self { Self(ratio: 0, interval: 0...0) }
  package static var schemaName: String? { "Share" }
}

extension PingReport.Summary: ReportObject {
  package static let members: [ReportMember<Self>] = [
    .init("min", \.min), .init("mean", \.mean), .init("stddev", \.stddev), .init("p50", \.p50), .init("p90", \.p90),
    .init("p99", \.p99), .init("max", \.max),
  ]
  package static var blank: Self { Self(min: 0, mean: 0, p50: 0, p90: 0, p99: 0, max: 0) }
}

extension PingReport.Segments: ReportObject {
  package static let members: [ReportMember<Self>] = [
    .init("egress", \.egress), .init("network", \.network), .init("ingress", \.ingress),
  ]
  package static var blank: Self { Self() }
}

extension PingReport.Segment: ReportObject {
  package static let members: [ReportMember<Self>] = [.init("p50", \.p50), .init("max", \.max)]
  package static var blank: Self { Self(p50: 0, max: 0) }
  package static var schemaName: String? { "Segment" }
}

extension PingReport.Anomalies: ReportObject {
  package static let members: [ReportMember<Self>] = [
    .init("duplicates", \.duplicates), .init("retransmissions", \.retransmissions), .init("late", \.late),
    .init("reordered", \.reordered), .init("corrupt", \.corrupt), .init("unmatched", \.unmatched),
    .init("capture_drops", \.captureDrops), .init("clock_steps", \.clockSteps), .init("leftovers", \.leftovers),
    .init("stalls", \.stalls),
  ]
  package static var blank: Self { Self() }
}

extension PingReport.Timestamps: ReportObject {
  package static let members: [ReportMember<Self>] = [
    .init("queued", \.queued, .oneOf(["kernel"])), .init("sent", \.sent, .oneOf(["kernel"])),
    .init("received", \.received, .oneOf(["capture"])), .init("delivered", \.delivered, .oneOf(["kernel"])),
    .init("rtt", \.rtt, .oneOf(["tcp_info"])),
  ]
  package static var blank: Self { Self() }
}

extension PingReport.Probe: ReportObject {
  package static let members: [ReportMember<Self>] = [
    .init("schema", \.schema, .oneOf(["synprobe.probe/1"])),
    .init("target", \.target),
    .init("seq", \.seq),
    .init("at", \.at, .date),
    .init("outcome", \.outcome, .oneOf(ProbeOutcome.Kind.allCases.map(\.rawValue))),
    .init("where", \.place, .oneOf(FaultPlace.allCases.map(\.rawValue) + ["unknown"])),
    .init("rtt_ms", \.rttMs),
    .init("egress_ms", \.egressMs),
    .init("held_ms", \.heldMs),
    .init("held_by", \.heldBy, .oneOf(Observation.Holder.allCases.map(\.rawValue))),
    .init("network_ms", \.networkMs),
    .init("ingress_ms", \.ingressMs),
    .init("ttl", \.ttl, .integer(atLeast: 0, atMost: 255)),
    .init("window", \.window, .integer(atLeast: 0, atMost: 65_535)),
    .init("mss", \.mss, .integer(atLeast: 0, atMost: 65_535)),
    .init("source_port", \.sourcePort, .integer(atLeast: 1, atMost: 65_535)),
    .init("late_ms", \.lateMs),
    .init("icmp", \.icmp),
    .init("stranger", \.stranger),
    .init("errno", \.errno),
    .init("flags", \.flags),
    .init("drop", \.drop),
    .init("reason", \.reason),
  ]
  package static var blank: Self { Self(seq: 0, outcome: "") }
  package static var schemaName: String? { "Probe" }
}

extension PingReport.ICMP: ReportObject {
  package static let members: [ReportMember<Self>] = [
    .init("type", \.type, .integer(atLeast: 0, atMost: 255)), .init("code", \.code, .integer(atLeast: 0, atMost: 255)),
    .init("from", \.from),
  ]
  package static var blank: Self { Self(type: 0, code: 0, from: "") }
}

extension PingReport: Decodable {
  /// Reads a result back.
  /// - Throws: `DecodingError` for what is no ping result.
  public init(from decoder: any Decoder) throws { try self.init(reading: decoder) }

  /// The text on one line, the members in the order of the documentation.
  public var json: String { jsonText }
}

extension PingReport.Probe {
  /// The text on one line.
  public var json: String { jsonText }
}
