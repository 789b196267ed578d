internal import SynCore
internal import SynProbe

/// One object at the end, or an array of them for several targets.
struct JSONPrinter: Printer {
  private let output: StandardOutput
  private let isArray: Bool
  private var reports: [PingReport] = []

  init(_ output: StandardOutput, isArray: Bool) {
    self.output = output
    self.isArray = isArray
  }

  mutating func finished(_ measurement: Measurement, at time: MonotonicInstant) {
    reports.append(measurement.report(ended: time, includesProbes: true))
  }

  mutating func end() throws(CommandFailure) {
    if isArray {
      try output.line("[\(reports.map(\.json).joined(separator: ","))]")
    } else if let report = reports.first {
      try output.line(report.json)
    }
  }
}

/// One object a probe as it ends, then the summary without probes.
struct JSONLinesPrinter: Printer {
  private let output: StandardOutput
  private let isQuiet: Bool

  init(_ output: StandardOutput, isQuiet: Bool) {
    self.output = output
    self.isQuiet = isQuiet
  }

  func probe(_ result: ProbeResult, of measurement: Measurement) throws(CommandFailure) {
    if !isQuiet { try output.line(measurement.line(result).json) }
  }

  func finished(_ measurement: Measurement, at time: MonotonicInstant) throws(CommandFailure) {
    try output.line(measurement.report(ended: time, includesProbes: false).json)
  }
}
