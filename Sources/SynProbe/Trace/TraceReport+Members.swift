extension TraceReport: ReportObject {
  package static let members: [ReportMember<Self>] = [
    .init("schema", \.schema, .oneOf(["synprobe.trace/1"])),
    .init("target", \.target),
    .init("reached", \.reached),
    .init("interface", \.interface),
    .init("source", \.source),
    .init("started_at", \.startedAt, .date),
    .init("duration_ms", \.durationMs),
    .init("paths", \.paths),
    .init("own_faults", \.ownFaults),
  ]
  package static var blank: Self {
    Self(target: .blank, reached: false, startedAt: "", durationMs: 0, paths: [])
  }
  package static var schemaName: String? { "Trace" }

  /// The text on one line, the members in the order of the documentation.
  public var json: String { jsonText }
}

extension TraceReport.Path: ReportObject {
  package static let members: [ReportMember<Self>] = [
    .init("source_port", \.sourcePort, .integer(atLeast: 1, atMost: 65_535)), .init("reached", \.reached),
    .init("hops", \.hops),
  ]
  package static var blank: Self { Self(sourcePort: 0, reached: false, hops: []) }
  package static var schemaName: String? { "TracePath" }
}

extension TraceReport.Hop: ReportObject {
  package static let members: [ReportMember<Self>] = [
    .init("ttl", \.ttl, .integer(atLeast: 1, atMost: 255)), .init("attempted", \.attempted),
    .init("answered", \.answered), .init("cancelled", \.cancelled, .integer(atLeast: 1, atMost: nil)),
    .init("rate_limited", \.isRateLimited), .init("addresses", \.addresses),
  ]
  package static var blank: Self { Self(ttl: 0, attempted: 0, answered: 0, isRateLimited: false, addresses: []) }
  package static var schemaName: String? { "TraceHop" }
}

extension TraceReport.Address: ReportObject {
  package static let members: [ReportMember<Self>] = [
    .init("address", \.address), .init("name", \.name), .init("attempted", \.attempted), .init("answered", \.answered),
    .init("rtt_ms", \.rttMs), .init("added_ms", \.addedMs, .number),
    .init("role", \.role, .oneOf(["router", "open", "closed", "refused"])), .init("error", \.error),
    .init("mpls", \.mpls, .list(TraceReport.Label.form, atLeast: 1)),
  ]
  package static var blank: Self { Self(address: "", attempted: 0, answered: 0, role: "") }
  package static var schemaName: String? { "TraceAddress" }
}

extension TraceReport.Times: ReportObject {
  package static let members: [ReportMember<Self>] = [
    .init("min", \.min), .init("p50", \.p50), .init("p99", \.p99), .init("max", \.max),
  ]
  package static var blank: Self { Self(min: 0, p50: 0, p99: 0, max: 0) }
}

extension TraceReport.Label: ReportObject {
  package static let members: [ReportMember<Self>] = [
    .init("label", \.label, .integer(atLeast: 0, atMost: 1_048_575)),
    .init("traffic_class", \.trafficClass, .integer(atLeast: 0, atMost: 7)),
    .init("ttl", \.ttl, .integer(atLeast: 0, atMost: 255)),
  ]
  package static var blank: Self { Self(label: 0, trafficClass: 0, ttl: 0) }
}
