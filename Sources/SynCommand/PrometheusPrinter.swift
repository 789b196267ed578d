internal import SynCore
internal import SynHTTP
internal import SynProbe

/// The metrics of all targets at the end, for the textfile collector of Prometheus' node_exporter.
struct PrometheusPrinter: Printer {
  private let output: StandardOutput
  private var measured: [(measurement: Measurement, duration: Duration)] = []

  init(_ output: StandardOutput) {
    self.output = output
  }

  mutating func finished(_ measurement: Measurement, at time: MonotonicInstant) {
    measured.append((measurement, time.since(measurement.began)))
  }

  mutating func end() throws(CommandFailure) {
    try output.write(PrometheusText.text(of: measured))
  }
}
