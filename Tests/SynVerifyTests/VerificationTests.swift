import SynCore
import SynProbe
import SynVerdict
import SynWire
import Testing

@testable import SynVerify

/// Events as a series sends them.
struct Events {
  static let endpoint = Endpoint(address: IPAddress(v4: 0xc000_0202), port: 8080)
  static let start = MonotonicInstant(nanoseconds: 1_000_000_000)

  static func ended(_ sequence: Int, _ outcome: ProbeOutcome, milliseconds: Double = 0) -> ProbeEvent {
    let request = ProbeRequest(
      series: SeriesID(1), sequence: sequence, target: endpoint, timeout: .seconds(2))
    var observation = Observation()
    if outcome.isAnswer {
      let arrival = KernelTimestamp(nanoseconds: 10_000 + Int64(milliseconds * 1e6))
      observation.queued = KernelTimestamp(nanoseconds: 0)
      observation.sent = KernelTimestamp(nanoseconds: 5_000)
      observation.received = arrival
      observation.delivered = arrival
    }
    return .probe(
      ProbeResult(
        id: ProbeID(UInt64(sequence)), request: request, submitted: Events.start, localPort: 40_000, outcome: outcome,
        observation: observation,
        reply: nil))
  }

  static func report(_ kind: Anomaly, _ sequence: Int? = nil) -> ProbeEvent {
    .report(AnomalyReport(kind, series: SeriesID(1), sequence: sequence))
  }
}

@Suite struct SampleLogs {
  @Test func aGapEndsTheEvidenceUntilItIsFilled() {
    var log = SampleLog()
    for sequence in [0, 1, 3, 4] { log.add(Events.ended(sequence, .open), at: Events.start) }
    #expect(log.count == 2)
    log.add(Events.ended(2, .lost(.network)), at: Events.start)
    let evidence = log.evidence(settling: .zero, at: Events.start)
    #expect(evidence.samples.map(\.outcome) == [.open, .open, .lost, .open, .open])
  }

  @Test func whatWasCancelledIsAGapForGood() {
    var log = SampleLog()
    log.add(Events.ended(0, .open), at: Events.start)
    log.add(Events.ended(1, .cancelled), at: Events.start)
    log.add(Events.ended(2, .open), at: Events.start)
    #expect(log.count == 1)
  }

  @Test func aMarkFindsItsProbeBeforeItEndsAndAfter() {
    var log = SampleLog()
    log.add(Events.report(.corrupt, 0), at: Events.start)
    log.add(Events.ended(1, .open), at: Events.start)
    log.add(Events.report(.duplicates, 1), at: Events.start)
    log.add(Events.ended(0, .lost(.network)), at: Events.start)
    log.add(Events.report(.late, 0), at: Events.start)
    log.add(Events.report(.reordered, 1), at: Events.start)
    log.add(Events.report(.unmatched), at: Events.start)
    let samples = log.evidence(settling: .zero, at: Events.start).samples
    #expect(samples.map(\.isDamaged) == [true, false])
    #expect(samples.map(\.isCopied) == [false, true])
    #expect(samples.map(\.isLate) == [true, false])
    #expect(samples.map(\.isOvertaken) == [false, true])
  }

  @Test func whatJustEndedMayStillBeCopied() {
    var log = SampleLog()
    for sequence in 0..<3 {
      log.add(Events.ended(sequence, .open), at: Events.start.advanced(by: .milliseconds(20 * sequence)))
    }
    let now = Events.start.advanced(by: .milliseconds(60))
    #expect(log.evidence(settling: .milliseconds(50), at: now).samples.count == 1)
    #expect(log.evidence(settling: .zero, at: now).samples.count == 3)
  }

  @Test(arguments: [(Int32(105), true), (11, true), (24, true), (1, false), (101, false)])
  func onlyOwnLimitsAreOwnShortage(_ errno: Int32, _ isShortage: Bool) {
    var log = SampleLog()
    log.add(Events.ended(0, .blocked(SendFailure(errno: errno))), at: Events.start)
    #expect(log.evidence(settling: .zero, at: Events.start).samples.map(\.isOwnShortage) == [isShortage])
  }
}

@Suite struct VerificationsWhileTheyGoOn {
  private static func plan(_ claims: [(String, String)], control: Bool = false) throws -> VerifyPlan {
    var plan = VerifyPlan(
      target: VerifyPlan.Host(input: "web:8080", endpoint: Events.endpoint),
      claims: try claims.map { try Claim.parse($0.0, $0.1) })
    if control { plan.control = VerifyPlan.Host(input: "other:8080", endpoint: Events.endpoint) }
    return plan
  }

  private static func begin(_ plan: VerifyPlan) -> Verification {
    Verification(plan, mode: .syn, startedAt: KernelTimestamp(nanoseconds: 0), began: Events.start)
  }

  /// Answers one after the other until it is settled, or so many; then the end.
  private static func run(
    _ verification: inout Verification, atMost count: Int = 400, _ event: (Int) -> ProbeEvent
  ) -> Int {
    var now = Events.start
    for sequence in 0..<count where !verification.isSettled {
      now = now.advanced(by: .milliseconds(20))
      if verification.plan.control != nil {
        verification.add(Events.ended(sequence, .open, milliseconds: 1), of: .control, at: now)
      }
      verification.add(event(sequence), of: .target, at: now)
    }
    let attempted = verification.target.statistics.attempted
    verification.add(.ended, of: .target, at: now)
    if verification.plan.control != nil { verification.add(.ended, of: .control, at: now) }
    return attempted
  }

  @Test func itIsSettledOnceEveryClaimIsDecided() throws {
    var verification = Self.begin(try Self.plan([("rtt", "90ms..110ms"), ("loss", "..20%")]))
    let probes = Self.run(&verification) { Events.ended($0, .open, milliseconds: 100) }
    #expect((15..<40).contains(probes))
    let report = verification.report()
    #expect(report.verdict == .confirmed && !verification.isRunning)
    #expect(report.claims.map(\.verdict) == [.confirmed, .confirmed])
    #expect(report.measurement.attempted == probes)
    #expect(report.reason.hasPrefix("confirmed: web:8080: the median round trip is 100.010 ms (100.010..100.010 ms)"))
  }

  @Test func aControlTargetIsTheBaselineAsItIsNow() throws {
    var verification = Self.begin(try Self.plan([("added", "90ms..110ms")], control: true))
    _ = Self.run(&verification) { Events.ended($0, .open, milliseconds: 101) }
    let report = verification.report()
    #expect(report.verdict == .confirmed && report.claims[0].estimateMs == 100)
    #expect(report.baseline?.target.input == "other:8080" && report.baseline?.probes == nil)
  }

  @Test func whatNothingCanDecideIsNotWaitedFor() throws {
    var verification = Self.begin(try Self.plan([("added", "90ms..110ms")]))
    #expect(Self.run(&verification) { Events.ended($0, .open, milliseconds: 1) } == 1)
    let claim = try #require(verification.report().claims.first)
    #expect(
      claim.verdict == .inconclusive && claim.reason == "there is no baseline: give a saved one, or a control target")
    #expect(claim.moreProbes == nil)
  }

  @Test func whatIsNotDecidedSaysHowManyProbesWould() throws {
    var verification = Self.begin(try Self.plan([("loss", "2%..8%")]))
    _ = Self.run(&verification, atMost: 100) { Events.ended($0, $0 % 20 == 7 ? .lost(.network) : .open) }
    let claim = try #require(verification.report().claims.first)
    #expect(claim.verdict == .inconclusive && claim.estimateRatio == 0.05)
    let more = try #require(claim.moreProbes)
    #expect((100...1000).contains(more) && claim.reason.contains("about \(more) more probes would decide"))
  }

  @Test func dropsThatTurnUpAtTheEndUndoWhatWasDecided() throws {
    var verification = Self.begin(try Self.plan([("loss", "..20%")]))
    var now = Events.start
    var sequence = 0
    while !verification.isSettled {
      now = now.advanced(by: .milliseconds(20))
      verification.add(Events.ended(sequence, .open), of: .target, at: now)
      sequence += 1
    }
    #expect(verification.verdict == .confirmed)
    verification.add(Events.report(.captureDrops), of: .target, at: now)
    verification.add(.ended, of: .target, at: now)
    #expect(verification.verdict == .inconclusive)
  }

  @Test func aCopyThatComesAfterItsAnswerIsCounted() throws {
    var verification = Self.begin(try Self.plan([("duplicate", "..30%")]))
    var now = Events.start
    for sequence in 0..<200 where !verification.isSettled {
      now = now.advanced(by: .milliseconds(20))
      verification.add(Events.ended(sequence, .open), of: .target, at: now)
      if sequence > 1 { verification.add(Events.report(.duplicates, sequence - 2), of: .target, at: now) }
    }
    #expect(verification.verdict == .mismatch)
  }

  @Test func noMoreProbesAreSentThanThereIsTimeFor() throws {
    var plan = try Self.plan([("rtt", "..1s")])
    for (longest, interval, timeout, expected) in [
      (60, 20, 2000, 2000), (10, 20, 2000, 401), (10, 20, 3333, 334), (3, 1000, 1000, 3), (1, 2000, 900, 1),
    ] {
      plan.longest = .seconds(longest)
      plan.interval = .milliseconds(interval)
      plan.timeout = .milliseconds(timeout)
      #expect(plan.count == expected)
    }
  }

  @Test func theJSONHasTheMembersOfTheContractInTheirOrder() throws {
    var verification = Self.begin(try Self.plan([("rtt", "90ms..110ms"), ("partition", "true")]))
    _ = Self.run(&verification) { Events.ended($0, .open, milliseconds: 100) }
    let report = verification.report()
    let json = report.json
    #expect(
      json.hasPrefix("{\"schema\":\"synprobe.verify/1\",\"verdict\":\"mismatch\",\"reason\":\"mismatch: web:8080: "))
    #expect(
      json.contains(
        "\"claims\":[{\"claim\":\"rtt\",\"expected\":\"90ms..110ms\",\"verdict\":\"confirmed\",\"estimate_ms\":100.01,"
          + "\"interval_ms\":[100.01,100.01],\"confidence\":0.975,\"samples\":"))
    let path = try field("claims.0.estimate_ms")
    #expect(path.value(in: report) == "100.01")
    #expect(try field("claims.1.estimate_ms").value(in: report) == nil)
    #expect(try field("measurement.probes.0.outcome").value(in: report) == "open")
    for path in ["claims.0.nothing", "baseline.probes.0.seq"] {
      #expect(throws: FieldPath.ParseError.self) { try field(path) }
    }
  }

  private func field(_ text: String) throws -> FieldPath {
    try FieldPath(text, in: VerifyReport.self, example: "claims.0.estimate_ms")
  }
}
