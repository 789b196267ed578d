internal import FoundationEssentials
internal import SynCore
internal import SynProbe

/// Values as JSON text.
///
/// Keys are sorted, so that two results of one kind differ only where their values do.
enum JSONText {
  static func encode(_ value: some Encodable, isPretty: Bool = false) throws(CommandFailure) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if isPretty { encoder.outputFormatting.insert(.prettyPrinted) }
    do {
      return String(decoding: try encoder.encode(value), as: UTF8.self)
    } catch {
      throw CommandFailure(.internal, "cannot encode the result: \(error)")
    }
  }
}

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
      try output.line(JSONText.encode(reports))
    } else if let report = reports.first {
      try output.line(JSONText.encode(report))
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
    if !isQuiet { try output.line(JSONText.encode(measurement.line(result))) }
  }

  func finished(_ measurement: Measurement, at time: MonotonicInstant) throws(CommandFailure) {
    try output.line(JSONText.encode(measurement.report(ended: time, includesProbes: false)))
  }
}
