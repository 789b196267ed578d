internal import SynCore
internal import SynProbe

/// One bare value a target, on a line of its own; an empty line for a target that has none, where there are several.
struct ValuePrinter: Printer {
  private let output: StandardOutput
  private let field: FieldPath?
  private let isList: Bool
  private var hasValue = false

  init(_ output: StandardOutput, field: FieldPath?, isList: Bool) {
    self.output = output
    self.field = field
    self.isList = isList
  }

  mutating func finished(_ measurement: Measurement, at time: MonotonicInstant) throws(CommandFailure) {
    guard let field else { return }
    let report = measurement.report(ended: time, includesProbes: true)
    if let value = field.value(in: report) {
      hasValue = true
      return try output.line(value)
    }
    Diagnostics.say("\(field) is absent from the result of \(measurement.input)")
    if isList { try output.line("") }
  }

  /// - Throws: `CommandFailure` with status 1 when no target has the value.
  func end() throws(CommandFailure) {
    if !hasValue { throw CommandFailure(.no, "") }
  }
}
