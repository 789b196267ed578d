internal import SynCore
internal import SynProbe
internal import SynWire

/// One row a probe, under a header (RFC 4180, but for plain line feeds).
struct CSVPrinter: Printer {
  private let output: StandardOutput
  private var hasHeader = false

  private static let columns = [
    "target", "address", "port", "seq", "outcome", "where", "rtt_ms", "egress_ms", "network_ms", "ingress_ms", "ttl",
    "window", "mss", "source_port", "reason",
  ]

  init(_ output: StandardOutput) {
    self.output = output
  }

  mutating func started(_ measurement: Measurement) throws(CommandFailure) {
    if !hasHeader { try output.line(CSVPrinter.columns.joined(separator: ",")) }
    hasHeader = true
  }

  func probe(_ result: ProbeResult, of measurement: Measurement) throws(CommandFailure) {
    let probe = measurement.line(result)
    let cells: [String?] = [
      measurement.input, "\(measurement.target.address)", "\(measurement.target.port)", "\(probe.seq)", probe.outcome,
      probe.place, text(probe.rttMs), text(probe.egressMs), text(probe.networkMs), text(probe.ingressMs),
      text(probe.ttl), text(probe.window), text(probe.mss), text(probe.sourcePort), probe.reason,
    ]
    try output.line(cells.map { CSVPrinter.quoted($0 ?? "") }.joined(separator: ","))
  }

  func finished(_ measurement: Measurement, at time: MonotonicInstant) {}

  private func text(_ value: (some CustomStringConvertible)?) -> String? { value.map { "\($0)" } }

  static func quoted(_ cell: String) -> String {
    // By scalars: "\r\n", and a quotation mark with an accent on it, are characters of their own.
    let scalars = cell.unicodeScalars
    guard scalars.contains(where: { ",\"\n\r".unicodeScalars.contains($0) }) else { return cell }
    let parts = scalars.split(separator: "\"", omittingEmptySubsequences: false)
    return "\"" + parts.map { String($0) }.joined(separator: "\"\"") + "\""
  }
}
