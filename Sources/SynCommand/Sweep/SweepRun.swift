internal import Glibc
internal import SynCore
internal import SynIO
internal import SynProbe
internal import SynSweep
internal import SynSystem
internal import SynWire

/// One run of `sweep`.
final class SweepRun: SweepClient {
  private let command: SweepCommand
  private let configuration: ProberConfiguration
  private var targets: SweepTargets
  /// What an earlier run left.
  private let earlier: SweepRecord
  private var record: SweepRecord
  private var digest = SweepDigest()
  private var keepsRecord = true
  private let begun: MonotonicInstant
  private let output: StandardOutput
  private var printer: SweepPrinter
  private var progress: SweepProgress
  private var failure: CommandFailure?
  private var interruption: Int32?
  private var nextRecord = MonotonicInstant(nanoseconds: .min)

  /// The state is kept so often.
  private static let recordInterval = Duration.seconds(1)
  private static let highestRate = 10_000_000.0
  private static let mostAnswersKept = 1 << 22
  /// Up to this rate a sweep mostly waits, and its SYNs are to leave when they are due.
  private static let promptRate = 20_000.0

  /// - Throws: `CommandFailure` with status 64 for whatever cannot be meant.
  init(_ command: SweepCommand) throws(CommandFailure) {
    try SweepRun.check(command)
    self.command = command
    guard let text = command.way.port else {
      throw CommandFailure(.usage, "a sweep needs ports: give -p PORT, as -p 443 or -p 80,8000-8100")
    }
    let ports = try TargetWords.ports(text, atMost: Int(UInt16.max))
    var configuration = try command.way.configuration()
    configuration.mode = .syn
    configuration.endsWithProcess = true
    self.configuration = configuration
    if let source = configuration.source, !Devices.isOwn(source) {
      throw CommandFailure(.usage, "--source \(source) is not an address of this host")
    }
    targets = try SweepTargets(command, ports: ports, configuration)
    earlier = try SweepRun.record(command, ports)
    record = earlier
    output = try asFailure { () throws(SystemError) in try StandardOutput() }
    printer = SweepPrinter(command.output, command.only)
    begun = SystemClock.now()
    progress = SweepProgress(isShown: !command.quiet && isatty(STDERR_FILENO) == 1, begun)
  }

  private static func check(_ command: SweepCommand) throws(CommandFailure) {
    guard command.rate >= 0.01, command.rate <= highestRate else {
      throw CommandFailure(.usage, "--rate is out of range: 0.01 to 10000000 SYNs a second")
    }
    guard command.timeout >= .milliseconds(1), command.timeout <= .seconds(60) else {
      throw CommandFailure(.usage, "--timeout is out of range: 1ms to 60s")
    }
    guard (0...10).contains(command.retries) else {
      throw CommandFailure(.usage, "--retries \(command.retries) is out of range: 0 to 10")
    }
    guard command.order == .random || command.seed == nil else {
      throw CommandFailure(.usage, "--seed is that of a random order: leave --order linear out")
    }
  }

  /// What an earlier run left, or the state of a new sweep.
  private static func record(_ command: SweepCommand, _ ports: [UInt16]) throws(CommandFailure) -> SweepRecord {
    let words =
      command.targets + ["--exclude"] + command.exclude + [
        "--special \(command.allowSpecial)", "\(command.order)", "-4 \(command.way.onlyV4)", "-6 \(command.way.onlyV6)",
      ]
    let text = (words + ports.map { "\($0)" }).joined(separator: "\n")
    var hash: UInt64 = 0
    for byte in text.utf8 { hash = SipHash(key: (0, 0)).hash([hash, UInt64(byte)]) }
    let name = String(hash, radix: 16)
    if let path = command.resume, let record = try SweepRecord.read(path) {
      guard record.sweep == name, command.seed == nil || command.seed == record.seed else {
        throw CommandFailure(
          .usage,
          "\(path.escaped) is the state of another sweep: give the same targets, ports and order, or another file")
      }
      return record
    }
    return SweepRecord(
      sweep: name, seed: command.seed ?? .random(in: .min ... .max), settled: 0, digest: 0, hasOpen: false)
  }

  /// - Throws: `CommandFailure` with status 1 where no target answered open.
  func run() throws(CommandFailure) {
    try targets.look { hears() }
    if let interruption { throw CommandFailure(.interrupted(by: interruption), "") }
    let thread = command.rate <= SweepRun.promptRate ? PromptThread() : nil
    Privilege.confine(to: .sockets)
    let walk = SweepWalk(
      seed: command.order == .random ? record.seed : nil, retries: command.retries, wait: command.timeout,
      tellsUnanswered: SweepPrinter.tellsMissed(command.only), settled: record.settled)
    // As many answers come in the time of a turn; twice that, since they come when they like.
    let answers = command.rate * command.timeout.seconds * Double(command.retries + 2) * 2
    let kept = min(max(Int(answers), SweepEngine.answersKept), SweepRun.mostAnswersKept)
    let plan = SweepLoop.Plan(rate: command.rate, timeout: command.timeout, answersKept: kept)
    let loop: SweepLoop
    do throws(SystemError) { loop = try SweepLoop(configuration, plan, walk: walk) } catch {
      throw CommandFailure(ProberError(error))
    }
    // Captures are opened as routes are met.
    Privilege.confine(to: .netRaw)
    if failure == nil, let path = command.resume { keep(path) }
    let (state, refusal) = failure == nil ? loop.run(self, on: thread) : (SweepState(), nil)
    try end(state, refusal)
  }

  private func end(_ state: SweepState, _ refusal: SystemError?) throws(CommandFailure) {
    if let path = command.resume, state.isOver, failure == nil { SweepRecord.remove(path) }
    // What came with the last SYNs.
    if failure == nil, !printer.waiting.isEmpty {
      progress.clear()
      do throws(CommandFailure) { try output.write(printer.waiting) } catch { failure = error }
    }
    if !command.quiet, failure == nil || state.asked > state.before { say(state) }
    if let failure { throw failure }
    if let refusal { throw CommandFailure(ProberError(refusal)) }
    if let interruption { throw CommandFailure(.interrupted(by: interruption), "") }
    if state.tally.open == 0, !earlier.hasOpen { throw CommandFailure(.no, "") }
  }

  private func say(_ state: SweepState) {
    progress.clear()
    Diagnostics.sayPlainly(SweepText(state, leftOut: targets.leftOut, took: SystemClock.now().since(begun)).line)
  }

  // MARK: As the loop's client

  var descriptors: [Int32] { [output.signals.rawValue, targets.descriptor] }

  func next() -> SweepNext {
    do throws(CommandFailure) {
      guard failure == nil else { return .end }
      switch try targets.next() {
      case .space(let space):
        try check(space)
        return .space(space)
      case .later: return .later
      case .end:
        try checkEnd()
        return .end
      }
    } catch {
      // What is in flight still comes to its end.
      failure = error
      return .end
    }
  }

  /// The targets up to where an earlier run came are those that it had.
  private func check(_ space: SweepSpace) throws(CommandFailure) {
    let isKnown = earlier.settled <= digest.end
    digest.add(space)
    guard command.resume != nil, earlier.settled > 0, !isKnown, let value = digest.value(of: earlier.settled) else {
      return
    }
    if value != earlier.digest { throw refusal() }
  }

  private func checkEnd() throws(CommandFailure) {
    if earlier.settled > digest.end { throw refusal() }
  }

  /// What an earlier run left is not touched.
  private func refusal() -> CommandFailure {
    keepsRecord = false
    return CommandFailure(
      .usage,
      "the targets are not those of the run that left \((command.resume ?? "").escaped): a list or an exception has changed"
    )
  }

  func found(_ answer: SweepAnswer) { printer.answer(answer) }

  func missed(_ target: Endpoint) { printer.missed(target) }

  func refused(_ target: Endpoint, _ failure: SendFailure) { printer.refused(target, failure) }

  func goesOn(_ state: SweepState) -> Bool {
    do throws(CommandFailure) {
      try took(state)
      return interruption == nil
    } catch {
      failure = error
      return false
    }
  }

  /// Whether a signal asks for the end, while nothing has been sent yet.
  private func hears() -> Bool {
    if case .end(let signal) = output.nextRequest() { interruption = signal }
    return interruption != nil
  }

  private func took(_ state: SweepState) throws(CommandFailure) {
    switch output.nextRequest() {
    case .end(let signal): interruption = signal
    case .interim: say(state)
    case .stop, nil: break
    }
    if !printer.waiting.isEmpty {
      if output.isTerminal { progress.clear() }
      try output.write(printer.waiting)
      printer.wasWritten()
    }
    let now = SystemClock.now()
    progress.show(state, at: now)
    // What is settled is printed by now.
    guard let path = command.resume, keepsRecord, now >= nextRecord || interruption != nil else { return }
    nextRecord = now.advanced(by: SweepRun.recordInterval)
    record.settled = state.settled
    record.digest = digest.value(of: state.settled) ?? record.digest
    record.hasOpen = earlier.hasOpen || state.tally.open > 0
    try record.write(path)
  }

  /// Keeps what there is before anything is sent: that it cannot be kept is known then.
  private func keep(_ path: String) {
    do throws(CommandFailure) { try record.write(path) } catch { failure = error }
  }
}
