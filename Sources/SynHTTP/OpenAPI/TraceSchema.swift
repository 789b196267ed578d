internal import SynProbe

/// The schema of `synprobe.trace/1`.
enum TraceSchema {
  /// The named schemas.
  static let schemas: [(String, JSONValue)] = [
    ("TraceAddress", .object(of: PingSchema.fields(TraceReport.Address.self))),
    ("TraceHop", .object(of: PingSchema.fields(TraceReport.Hop.self))),
    ("TracePath", .object(of: PingSchema.fields(TraceReport.Path.self))),
    ("Trace", .object(of: PingSchema.fields(TraceReport.self))),
  ]
}
