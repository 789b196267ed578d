import SynCore
import SynWire
import Testing

@testable import SynPeers

/// Probes that ended, without an engine.
enum Ended {
  static func probe(_ outcome: ProbeOutcome, milliseconds: Int64? = nil, flags: TCPFlags? = nil) -> ProbeResult {
    var observation = Observation()
    if let milliseconds {
      observation.queued = KernelTimestamp(nanoseconds: 0)
      observation.delivered = KernelTimestamp(nanoseconds: milliseconds * 1_000_000)
    }
    let request = ProbeRequest(series: SeriesID(0), sequence: 0, target: HpingLines.target, timeout: .seconds(2))
    return ProbeResult(
      id: ProbeID(0), request: request, submitted: MonotonicInstant(nanoseconds: 0), localPort: 61_000,
      outcome: outcome, observation: observation,
      reply: flags.map { flags in HpingLines.facts { $0.flags = flags } })
  }

  static let open = probe(.open, milliseconds: 10, flags: [.syn, .ack])
  static let closed = probe(.closed, milliseconds: 30, flags: [.rst, .ack])
  static let filtered = probe(.filtered(HpingLines.error(3, 13)), milliseconds: 5)
}

@Suite struct HpingSummaries {
  static func tally(_ results: [ProbeResult]) -> HpingTally {
    var tally = HpingTally()
    for result in results { tally.add(result) }
    return tally
  }

  @Test func answersAreReceivedAndTimed() {
    let tally = Self.tally([Ended.open, Ended.closed])
    #expect(
      tally.summary(of: "web") == [
        "", "--- web hping statistic ---", "2 packets transmitted, 2 packets received, 0% packet loss",
        "round-trip min/avg/max = 10.0/20.0/30.0 ms",
      ])
    #expect(tally.exitStatus(isFlags: false) == 0)
    #expect(tally.exitStatus(isFlags: true) == 20, "RST-ACK came last")
  }

  @Test func anICMPErrorIsNoAnswer() {
    let tally = Self.tally([Ended.filtered])
    #expect(tally.summary(of: "web")[2] == "1 packets transmitted, 0 packets received, 100% packet loss")
    #expect(tally.summary(of: "web")[3] == "round-trip min/avg/max = 0.0/0.0/0.0 ms")
    #expect(tally.exitStatus(isFlags: false) == 1)
    #expect(tally.exitStatus(isFlags: true) == 0)
  }

  @Test func copiesAndLateAnswersStandApart() {
    var tally = Self.tally([Ended.open, Ended.probe(.lost(.network))])
    tally.addCopy()
    tally.addCopy()
    tally.addLate()
    #expect(
      Array(tally.summary(of: "web")[2...]) == [
        "2 packets transmitted, 1 packets received, 50% packet loss", "round-trip min/avg/max = 10.0/10.0/10.0 ms",
        "2 duplicate answers, which are not among those received", "1 answers came too late to count as received",
      ])
  }

  @Test func whatThisHostLostIsSaid() {
    let tally = Self.tally([
      Ended.probe(.lost(.ingress)), Ended.probe(.lost(.egress)), Ended.probe(.blocked(SendFailure(errno: 1))),
      Ended.probe(.lost(.unknown)),
    ])
    #expect(
      Array(tally.summary(of: "web")[4...]) == [
        "1 of them this host refused to send",
        "1 of them lost in this host's egress: never handed to the device",
        "1 of them lost in this host's ingress: the answer reached the device and was dropped",
      ])
    #expect(tally.lossPercent == 100)
  }

  @Test func aProbeThatASignalCutShortWasSentAndIsSaid() {
    let tally = Self.tally([Ended.open, Ended.probe(.cancelled)])
    #expect(tally.summary(of: "web")[2] == "2 packets transmitted, 1 packets received, 0% packet loss")
    #expect(
      tally.summary(of: "web")[4]
        == "1 of them were still waited for when the run was ended, and count as neither lost nor received")
  }

  @Test func anAnswerThatFitsNoRuleIsReceivedWithoutATime() {
    let tally = Self.tally([Ended.probe(.unexpected([.ack]), flags: [.ack])])
    #expect(tally.received == 1 && tally.exitStatus(isFlags: true) == 16)
    #expect(tally.summary(of: "web")[3] == "round-trip min/avg/max = 0.0/0.0/0.0 ms")
  }

  @Test(arguments: [
    (0, 0, 0), (3, 3, 0), (3, 2, 33), (3, 1, 67), (3, 0, 100), (1000, 999, 1), (1000, 1, 99), (200, 199, 1),
    (8, 1, 88),
  ])
  func thePercentageIsWholeAndZeroOnlyWithoutLoss(_ transmitted: Int, _ received: Int, _ percent: Int) {
    let lost = Array(repeating: Ended.probe(.lost(.network)), count: transmitted - received)
    #expect(Self.tally(lost + Array(repeating: Ended.open, count: received)).lossPercent == percent)
  }
}

@Suite struct HopWalks {
  static let hop = ProbeOutcome.filtered(HpingLines.error(11, 0))

  /// Takes outcomes of probes with these hop limits; which of them found a new hop, and the next hop limit.
  static func walk(
    from first: UInt8 = 1, stops: Bool = true, _ ends: [(UInt8, ProbeOutcome)]
  ) -> (found: [Bool], next: UInt8, isOver: Bool) {
    var walk = HopWalk(from: first, stopsAtAnswer: stops)
    let found = ends.map { walk.ended($0.1, hopLimit: $0.0) }
    return (found, walk.hopLimit, walk.isOver)
  }

  @Test func eachHopThatAnswersLeadsToTheNext() {
    #expect(Self.walk([(1, Self.hop), (2, Self.hop), (3, .open)]) == ([true, true, false], 3, true))
    #expect(Self.walk(stops: false, [(1, Self.hop), (2, .closed)]) == ([true, false], 2, false))
  }

  @Test func anAnswerToAnEarlierHopLimitIsNoNewHop() {
    #expect(Self.walk([(1, Self.hop), (1, Self.hop), (1, .lost(.network))]) == ([true, false, false], 2, false))
  }

  @Test func aSilentHopIsPassedByAfterThreeProbes() {
    let silence = (UInt8(4), ProbeOutcome.lost(.network))
    #expect(Self.walk(from: 4, [silence, silence]) == ([false, false], 4, false))
    #expect(Self.walk(from: 4, [silence, silence, silence]) == ([false, false, false], 5, false))
  }

  @Test(arguments: [true, false]) func anotherErrorEndsItOnlyWhenItIsToStop(_ stops: Bool) {
    #expect(Self.walk(stops: stops, [(1, .filtered(HpingLines.error(3, 13)))]) == ([false], 1, stops))
  }

  @Test func theHighestHopLimitIsTheLast() {
    #expect(Self.walk(from: 255, [(255, Self.hop), (255, Self.hop)]) == ([true, true], 255, false))
  }
}

@Suite struct FpingLines {
  @Test func answeredValuesStandFirst() {
    var line = FpingLine(host: "web")
    for result in [Ended.probe(.lost(.network)), Ended.open, Ended.filtered, Ended.closed] { line.add(result) }
    #expect(line.text == "web : 10.000 30.000 - -")
  }

  @Test func withoutAnyAnswerOnlyBarsAreLeft() {
    var line = FpingLine(host: "web")
    line.add(Ended.probe(.lost(.network)))
    line.add(Ended.probe(.blocked(SendFailure(errno: 1))))
    #expect(line.text == "web : - -")
  }
}
