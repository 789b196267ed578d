internal import SynCore
internal import SynProbe
internal import SynVerdict
internal import SynWire

/// What is said in a file of evidence for who looks at it in Wireshark.
struct EvidenceText {
  /// What became of each probe, by its number.
  private let fates: [VerifyPlan.Side: [Int: String]]

  init(_ verification: Verification) {
    var fates: [VerifyPlan.Side: [Int: String]] = [:]
    for (side, measurement) in [(VerifyPlan.Side.target, verification.target), (.control, verification.control)] {
      let probes = measurement?.report(ended: verification.latest, includesProbes: true).probes ?? []
      fates[side] = [Int: String](probes.map { ($0.seq, EvidenceText.fate($0)) }) { $1 }
    }
    self.fates = fates
  }

  /// The plan and the verdict, a line each.
  static func section(_ start: EvidenceStart, _ report: VerifyReport) -> String {
    let plan = start.plan
    let claims = plan.claims.map { "\($0.name) \($0.expected)" }.joined(separator: "; ")
    var lines = [
      "synprobe verify \(plan.target.input) (\(plan.target.endpoint)), mode \(start.mode.rawValue), from \(start.startedAt.rfc3339)",
      "claims: \(claims)",
      "confidence \(plan.confidence), at most \(plan.mostProbes) probes in \(plan.longest.text), one each \(plan.interval.text), timeout \(plan.timeout.text)",
    ]
    if let control = plan.control { lines.append("control: \(control.input) (\(control.endpoint))") }
    if plan.baseline != nil { lines.append("compared with a saved baseline, which is kept here") }
    lines.append(report.reason)
    lines += report.claims.map { "\($0.claim): \($0.verdict.rawValue): \($0.reason)" }
    return lines.joined(separator: "\n")
  }

  /// Of a packet: whose it is, where it was, and what became of its probe.
  func comment(_ packet: SeenPacket, _ side: VerifyPlan.Side) -> String {
    let fate = fates[side]?[packet.sequence] ?? "not ended"
    return "\(side.prefix)probe \(packet.sequence): \(fate); \(packet.point.meaning)"
  }

  /// Of an event: what happened.
  func message(_ entry: EvidenceEntry) -> String {
    let side = entry.side == 0 ? VerifyPlan.Side.target : .control
    switch entry.event {
    case .started(let path): return side.prefix + "series begins" + (path.map { " by \($0.interface)" } ?? "")
    case .path(let path): return side.prefix + "series goes by \(path.interface) from \(path.source)"
    case .probe(let result):
      let number = result.request.sequence
      return "\(side.prefix)probe \(number): \(fates[side]?[number] ?? result.outcome.kind.rawValue)"
    case .report(let report):
      let number = report.sequence.map { " of probe \($0)" } ?? ""
      return "\(side.prefix)\(report.kind.rawValue)\(number)"
    case .witness: return side.prefix + "a witness"
    case .sibling(let answer): return side.prefix + "port \(answer.port): \(answer.outcome.rawValue)"
    case .train(let train): return side.prefix + "a train of \(train.cars.count) SYNs of \(train.frameBytes) bytes"
    case .noTrains(let absence): return side.prefix + absence.rawValue
    case .dropped: return side.prefix + "counters of dropped packets"
    case .packet: return side.prefix + "a packet"
    case .failed(let error): return side.prefix + error.message
    case .ended: return side.prefix + "series ends"
    }
  }

  private static func fate(_ probe: PingReport.Probe) -> String {
    var words = probe.outcome
    if let place = probe.place { words += " in \(place)" }
    if let time = probe.rttMs { words += " after \(time) ms" }
    if let drop = probe.drop { words += ", dropped: \(drop.reason)" }
    return words
  }
}

extension ObservationPoint {
  /// What passed there.
  fileprivate var meaning: String {
    switch self {
    case .queued: "its SYN enters this host's queueing discipline"
    case .sent: "its SYN is handed to the device"
    case .received: "an answer reaches the device"
    case .delivered: "an answer is delivered"
    }
  }
}
