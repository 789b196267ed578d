internal import SynProbe

/// The schema of `synprobe.ping/1`, as the service answers it: with its probes, which do not stand alone.
enum PingSchema {
  /// The named schemas.
  static let schemas: [(String, JSONValue)] = [
    ("Count", .integer(0)),
    ("Milliseconds", ["type": "number", "minimum": 0]),
    ("Segment", .object(of: fields(PingReport.Segment.self))),
    ("Share", .object(of: fields(PingReport.Share.self))),
    ("Direction", .object(of: fields(PingReport.Direction.self))),
    ("Listener", .object(of: fields(PingReport.Listener.self))),
    ("DroppedBy", .object(of: fields(PingReport.DroppedBy.self))),
    ("Probe", .object(of: fields(PingReport.Probe.self).filter { !["schema", "target"].contains($0.name) })),
    ("Ping", .object(of: fields(PingReport.self).map(PingSchema.withProbes))),
    ("Baseline", .object(of: fields(PingReport.self).filter { $0.name != "probes" })),
  ]

  /// The members of a kind of object.
  static func fields<Object: ReportObject>(_: Object.Type) -> [ReportField] { Object.members.map(\.field) }

  private static func withProbes(_ field: ReportField) -> ReportField {
    ReportField(name: field.name, isRequired: field.isRequired || field.name == "probes", form: field.form)
  }
}
