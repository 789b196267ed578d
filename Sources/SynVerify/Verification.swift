package import SynCore
public import SynProbe
public import SynVerdict
internal import SynWire

/// A verification while it goes on: events in, findings out; it says when enough is known.
public struct Verification: Sendable {
  /// What is to be found out.
  public let plan: VerifyPlan
  /// What was measured of the target.
  public private(set) var target: Measurement
  /// What was measured of the control target; nil without one.
  public private(set) var control: Measurement?
  /// What the probes say to each claim, as of the last look.
  public private(set) var findings: [Finding]

  let judge: ClaimJudge
  private var targetLog = SampleLog()
  private var controlLog = SampleLog()
  private var running: Set<VerifyPlan.Side>
  private var nextLook = 1
  /// The moment of the last event.
  package private(set) var latest: MonotonicInstant
  private(set) var seen: (evidence: Evidence, baseline: ClaimJudge.Baseline?)

  /// Begins with nothing.
  ///
  /// `boot` is of the host's run that `began` is of; nil for the present one.
  package init(
    _ plan: VerifyPlan, mode: ProbeMode, startedAt: KernelTimestamp, began: MonotonicInstant, boot: String? = nil
  ) {
    self.plan = plan
    latest = began
    judge = ClaimJudge(plan.claims, confidence: plan.confidence)
    let measure = { (host: VerifyPlan.Host, tellsDirection: Bool) in
      Measurement(
        input: host.input, target: host.endpoint, mode: mode, startedAt: startedAt, began: began, keepsProbes: true,
        tellsDirection: tellsDirection, boot: boot)
    }
    target = measure(plan.target, plan.tellsDirection)
    control = plan.control.map { measure($0, false) }
    targetLog = SampleLog(tellsDirection: plan.tellsDirection, mode: mode)
    running = plan.control == nil ? [.target] : [.target, .control]
    let saved = plan.baseline.map { ClaimJudge.Baseline($0.evidence, isFixed: true) }
    seen = (Evidence(), saved)
    findings = judge.judge(Evidence(), baseline: saved)
  }

  /// How many probes the findings speak of: those that came before the first that had not ended when it was decided.
  public var judged: Int { seen.evidence.samples.count }

  /// SYNs of the trains that were sent so far; they are none of the measurement's probes.
  package var trainProbes: Int { targetLog.trainProbes }

  /// Whether a series goes on.
  package var isRunning: Bool { !running.isEmpty }

  /// Whether further probes would change nothing: every claim is decided, or beyond deciding.
  package private(set) var isSettled = false

  /// Why nothing could be sent; nil when it could.
  package var failure: ProberError? { target.failure ?? control?.failure }

  /// Adds an event of a series, and looks at what is known when there is enough that is new.
  package mutating func add(_ event: ProbeEvent, of side: VerifyPlan.Side, at now: MonotonicInstant) {
    latest = now
    switch side {
    case .target:
      target.add(event)
      targetLog.add(event, at: now)
    case .control:
      control?.add(event)
      controlLog.add(event, at: now)
    }
    if case .ended = event { running.remove(side) }
    if !isRunning { return lookLast(at: now) }
    guard !isSettled, targetLog.count >= nextLook || event.isOfTrains else { return }
    look(settling: settling, at: now)
    // Each look costs as much as there are probes: the more there are, the more of them are new to the next.
    nextLook = targetLog.count + 1 + targetLog.count / 20
  }

  /// How long ago a probe must have ended to be judged.
  ///
  /// A copy that the network made of an answer comes within a round trip; some claims count those. What the target repeats
  /// comes after its timers, counted from the probe's sending and not from its end.
  private var settling: Duration {
    if plan.tellsDirection { return LossTrail.listening }
    return plan.claims.contains(where: \.countsCopies) ? .milliseconds(50) : .zero
  }

  private mutating func look(settling: Duration, at now: MonotonicInstant) {
    let listener = plan.tellsDirection ? target.listener : nil
    var evidence = targetLog.evidence(settling: settling, at: now, listener: listener)
    evidence.clock = target.clock.readings
    if control != nil {
      seen.baseline = ClaimJudge.Baseline(controlLog.evidence(settling: settling, at: now), isFixed: false)
    }
    seen.evidence = evidence
    findings = judge.judge(evidence, baseline: seen.baseline)
    isSettled = findings.allSatisfy { $0.verdict != .inconclusive || $0.isBeyondDeciding } && !lacksExplanation
  }

  /// With so many probes netem's lines can be told apart that explain a mismatch.
  private static let enoughToExplain = 20

  /// Whether a mismatch came so early that a few more probes are worth their time: they tell by what.
  private var lacksExplanation: Bool {
    verdict == .mismatch && seen.baseline != nil && judged < Verification.enoughToExplain
  }

  /// What decided stands, unless this host turns out to have lost something of it.
  private mutating func lookLast(at now: MonotonicInstant) {
    let isAsSound =
      seen.evidence.captureDrops == targetLog.captureDrops && seen.evidence.clockSteps == targetLog.clockSteps
    if !isSettled || !isAsSound { look(settling: .zero, at: now) }
  }

  /// How many more probes would decide a claim; nil where none would, or none has to.
  func furtherProbes(_ finding: Finding) -> Int? {
    guard finding.verdict == .inconclusive, finding.unsoundness == nil else { return nil }
    return judge.furtherProbes(deciding: finding.claim, seen.evidence, baseline: seen.baseline)
  }

  /// What explains a finding beyond its numbers.
  func explanations(_ finding: Finding) -> [String] {
    let injected = plan.injected.map { Explanation.Injected($0, interval: plan.interval.nanoseconds) }
    var words = Explanation(seen.evidence, baseline: seen.baseline?.evidence, injected: injected).words(on: finding)
    if finding.claim.isOfLoss, let listener = target.listener, listener.state != .answers {
      words.append(listener.meaning)
    }
    return finding.claim.comparesWithBaseline ? words + controlNotes + baselineNotes : words
  }

  /// What is odd about the control target.
  private var controlNotes: [String] {
    guard let control else { return [] }
    let open = control.statistics.count(.open)
    let closed = control.statistics.count(.closed)
    guard closed > open, target.statistics.count(.open) > target.statistics.count(.closed) else { return [] }
    return ["the control target's port is closed: it refuses, and the target does not"]
  }

  /// What a saved baseline is not: of this target, or measured in the same way.
  private var baselineNotes: [String] {
    guard let report = plan.baseline?.report else { return [] }
    var notes: [String] = []
    if report.target.address != "\(target.target.address)" || report.target.port != Int(target.target.port) {
      let other = report.target.address.contains(":") ? "[\(report.target.address)]" : report.target.address
      notes.append("the baseline is of another target: \(other.escaped):\(report.target.port)")
    }
    if report.mode != target.mode.rawValue {
      notes.append("the baseline was measured in mode \(report.mode.escaped), and this in mode \(target.mode.rawValue)")
    }
    return notes
  }

  /// The worst of the claims.
  public var verdict: Verdict { .worst(findings.map(\.verdict)) }
}

extension Claim {
  fileprivate var comparesWithBaseline: Bool {
    switch content {
    case .added, .addedForward, .addedBack, .clear, .place: true
    default: false
    }
  }

  fileprivate var countsCopies: Bool {
    switch content {
    case .duplicate, .clear: true
    default: false
    }
  }
}

extension ProbeEvent {
  /// Whether it tells how wide the path is, or that nothing will.
  fileprivate var isOfTrains: Bool {
    switch self {
    case .train, .noTrains: true
    default: false
    }
  }
}
