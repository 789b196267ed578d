internal import SynCore
internal import SynProbe
internal import SynVerdict
internal import SynVerify

/// What is known so far of a verification, drawn in place: the probes of its targets, and each claim.
struct VerifyDrawing {
  private var drawing: DrawnLines
  /// The probes of the target, and of the control.
  private var columns: [[LiveColumn]] = [[], []]

  init(_ output: StandardOutput) {
    drawing = DrawnLines(output)
  }

  /// When to draw again.
  var nextRedraw: MonotonicInstant { drawing.nextRedraw }

  /// Adds what happened on a side.
  mutating func add(_ event: ProbeEvent, of side: VerifyPlan.Side) {
    if case .probe(let result) = event { columns[side == .target ? 0 : 1].append(LiveColumn(result)) }
  }

  mutating func redraw(_ verification: Verification, at now: MonotonicInstant) throws(CommandFailure) {
    guard drawing.nextRedraw <= now else { return }
    let claims = verification.findings.map { LiveClaim($0) }
    try drawing.redraw(at: now) { width, rows in
      let targets = [verification.target, verification.control].compactMap { $0 }.enumerated().map {
        LiveTarget($1, columns[$0])
      }
      let told = claims.prefix(max(rows - targets.count, 0)).map { $0.line(columns: width) }
      return LiveScreen(targets, .linear, columns: width, rows: rows - told.count).lines + told
    }
  }

  mutating func clear() throws(CommandFailure) { try drawing.clear() }
}
