internal import Glibc
internal import SynCore
internal import SynPeers
internal import SynProbe
internal import SynSystem
internal import SynWire

/// Prints what happens to probes as hping3 prints it.
struct HpingPrinter {
  /// What is known of a probe.
  private enum State {
    /// It has not ended; copies of its answer were seen already.
    case waiting([ReplyCopy])
    /// It was answered, after it had been queued at this time: copies are timed from there.
    case answered(KernelTimestamp?)
    /// It has ended without an answer.
    case silent
  }

  private let plan: HpingPlan
  private let output: StandardOutput
  private let target: Endpoint
  private var source: IPAddress?
  private var names = HostNames()
  private var states: [Int: State] = [:]
  private var newest = 0
  private(set) var tally = HpingTally()

  /// Copies of answers to probes before the last so many are not looked at: two seconds of the fastest run.
  private static let remembered = 20_000

  init(_ plan: HpingPlan, _ output: StandardOutput, target: Endpoint) {
    self.plan = plan
    self.output = output
    self.target = target
  }

  /// Whether the first line is printed.
  var isStarted: Bool { source != nil }

  /// The way is known, and the first probe about to leave.
  mutating func start(_ path: ProbeEvent.Path) throws(CommandFailure) {
    source = path.source
    if plan.isVerbose, let mtu = Devices.mtu(of: path.interface) {
      try output.line(HpingText.using(path.interface, address: path.source, mtu: mtu))
    }
    try output.line(HpingText.header(plan.target.input, path.interface, target.address))
  }

  /// A probe has ended; `hop` is its TTL where it found a new hop.
  mutating func ended(_ result: ProbeResult, number: Int, hop: UInt8?) throws(CommandFailure) {
    tally.add(result)
    var copies: [ReplyCopy] = []
    if case .waiting(let seen) = states[number] { copies = seen }
    newest = max(newest, number)
    remember(number, .silent)
    states[number - HpingPrinter.remembered] = nil
    switch result.outcome {
    case .open, .closed, .unexpected: try answered(result, number, copies)
    case .filtered(let error): try filtered(error, result, hop)
    case .blocked(let failure): Diagnostics.sayPlainly("[send_ip] sendto: \(failure.systemText)")
    case .lost, .cancelled: break
    }
  }

  /// Something was seen beside the outcomes, of probe `number` where it is known.
  mutating func report(_ report: AnomalyReport, number: Int?) throws(CommandFailure) {
    if report.kind == .late { tally.addLate() }
    guard let number, let copy = report.copy else { return }
    switch states[number] {
    case nil: remember(number, .waiting([copy]))
    case .waiting(let seen): remember(number, .waiting(seen + [copy]))
    case .answered(let queued): try print(copy, number, queued)
    case .silent: break
    }
  }

  /// The summary, which hping3 writes to stderr.
  func summarize() {
    for line in tally.summary(of: plan.target.input) { Diagnostics.sayPlainly(line) }
  }

  /// What is older than the oldest that is forgotten next would be kept for ever.
  private mutating func remember(_ number: Int, _ state: State) {
    if number > newest - HpingPrinter.remembered { states[number] = state }
  }

  private mutating func answered(
    _ result: ProbeResult, _ number: Int, _ copies: [ReplyCopy]
  ) throws(CommandFailure) {
    let queued = result.observation.queued
    remember(number, .answered(queued))
    if let facts = result.reply {
      try print(
        HpingText.Answer(facts: facts, sender: target, sequence: number, roundTrip: result.observation.roundTrip))
    }
    for copy in copies { try print(copy, number, queued) }
  }

  private mutating func print(_ copy: ReplyCopy, _ number: Int, _ queued: KernelTimestamp?) throws(CommandFailure) {
    tally.addCopy()
    let roundTrip = copy.received.flatMap { received in queued.map { received - $0 } }
    try print(
      HpingText.Answer(facts: copy.facts, sender: target, sequence: number, roundTrip: roundTrip, isCopy: true))
  }

  private func print(_ answer: HpingText.Answer) throws(CommandFailure) {
    guard !plan.isQuiet else { return }
    for line in HpingText.lines(answer, isVerbose: plan.isVerbose) { try output.line(line) }
  }

  /// hping3 prints the end of a TTL even when it is told to be quiet, and never sees what this host says about a
  /// neighbour that does not answer.
  private mutating func filtered(_ error: ICMPError, _ result: ProbeResult, _ hop: UInt8?) throws(CommandFailure) {
    if error.sender == source, error.sender != target.address { return }
    if let hop {
      let lines = HpingText.hop(hop, error, name: name(of: error), roundTrip: result.observation.roundTrip)
      for line in lines { try output.line(line) }
    } else if error.isTimeExceeded ? plan.firstHop == nil : !plan.isQuiet {
      try output.line(HpingText.icmp(error, name: name(of: error)))
    }
  }

  private mutating func name(of error: ICMPError) -> HpingText.SenderName {
    guard plan.looksNamesUp else { return .omitted }
    return .known(names.name(of: error.sender, interruption: output.signals.rawValue))
  }
}

extension SendFailure {
  /// The C library's words, as perror(3) prints them.
  var systemText: String { String(cString: strerror(errno)) }
}
