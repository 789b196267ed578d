import SynCore
import SynTesting
import SynWire
import Testing

@testable import SynSweep

/// A sweep in simulated time: what each target does is drawn by a seed, and known.
@Suite struct SweepEngines {
  private static let start = KernelTimestamp(nanoseconds: 1_700_000_000_000_000_000)
  private static let identity = SweepIdentity(key: (3, 4), ports: 61_440...65_535)
  private static let host = IPAddress(v4: 0xc000_0201)

  private static func answer(
    _ target: Endpoint, flags: TCPFlags = [.syn, .ack], plus: UInt32 = 1, to port: UInt16? = nil
  ) -> TCPSegment {
    let mark = identity.mark(of: target)
    return TCPSegment(
      source: target, destination: Endpoint(address: host, port: port ?? mark.localPort), sequence: SequenceNumber(9),
      acknowledgement: mark.sequence.advanced(by: plus), flags: flags, window: 0, options: TCPOptions(), hopLimit: 61)
  }

  /// The SYN to a target, on its way out.
  private static func syn(_ target: Endpoint, isAgain: Bool = false) -> TCPSegment {
    let mark = identity.mark(of: target)
    var options = TCPOptions()
    options.timestamps = TCPOptions.Timestamps(value: SweepIdentity.timestamp(7_777_777, isAgain: isAgain), echo: 0)
    return TCPSegment(
      source: Endpoint(address: host, port: mark.localPort), destination: target, sequence: mark.sequence,
      acknowledgement: SequenceNumber(0), flags: [.syn], window: 0, options: options, hopLimit: 64)
  }

  private static func at(_ microseconds: Int64) -> KernelTimestamp {
    KernelTimestamp(nanoseconds: start.nanoseconds + microseconds * 1_000)
  }

  @Test func everyTargetIsCountedAsWhatItDid() throws {
    let space = try #require(SweepSpace(AddressSet([try AddressSpan.parse("198.18.0.0/16")]), ports: [9_000]))
    let order = SweepOrder.random(of: space.count, seed: 1)
    var generator = SeededGenerator(seed: 5)
    var engine = SweepEngine(Self.identity, timeout: .milliseconds(500))
    var wanted = SweepTally()
    var wrongTimes = 0
    for turn in 0..<space.count {
      let target = space.endpoint(order.number(turn))
      let sent = Self.at(Int64(turn) * 10 + 1)
      engine.sent()
      _ = engine.captured(.tcp(Self.syn(target)), at: sent)
      wanted.sent += 1
      guard generator.chance(0.9) else { continue }
      let isClosed = generator.chance(0.1)
      if isClosed { wanted.closed += 1 } else { wanted.open += 1 }
      let segment = isClosed ? Self.answer(target, flags: [.rst, .ack]) : Self.answer(target)
      let answer = engine.captured(.tcp(segment), at: sent.advanced(by: .microseconds(400)))
      #expect(answer?.target == target && answer?.outcome == (isClosed ? .closed : .open) && answer?.hopLimit == 61)
      if answer?.roundTrip != .microseconds(400) { wrongTimes += 1 }
      guard generator.chance(0.01) else { continue }
      let again = engine.captured(.tcp(segment), at: sent.advanced(by: .milliseconds(30)))
      #expect(again == nil)
      wanted.duplicates += 1
    }
    #expect(engine.tally == wanted)
    #expect(wrongTimes == 0)
  }

  @Test(
    arguments: [
      ("a forged acknowledgement", TCPFlags([.syn, .ack]), 2, nil), ("that of the SYN itself", [.syn, .ack], 0, nil),
      ("another port", [.syn, .ack], 1, 61_000), ("an ACK", [.ack], 1, nil), ("a SYN", [.syn], 1, nil),
      ("a RST without ACK", [.rst], 1, nil), ("a FIN", [.fin, .ack], 1, nil),
      ("a SYN and RST", [.syn, .rst, .ack], 1, nil),
    ] as [(String, TCPFlags, UInt32, UInt16?)])
  func whatAnswersNoSYNIsUnmatched(_ name: String, _ flags: TCPFlags, _ plus: UInt32, _ port: UInt16?) {
    let target = Endpoint(address: IPAddress(v4: 0xc612_0001), port: 80)
    var engine = SweepEngine(Self.identity, timeout: .milliseconds(500))
    _ = engine.captured(.tcp(Self.syn(target)), at: Self.at(1))
    let segment = Self.answer(target, flags: flags, plus: plus, to: port)
    let answer = engine.captured(.tcp(segment), at: Self.at(5))
    #expect(answer == nil, "\(name)")
    #expect(engine.tally.unmatched == 1 && engine.tally.answered == 0)
  }

  /// As of a neighbour that it does not find: its own addresses are captured too where they are asked.
  @Test func whatThisHostTellsItselfIsNobodysAnswer() {
    var engine = SweepEngine(Self.identity, timeout: .milliseconds(500))
    for (address, sender, isAnswer) in [
      (UInt32(0xc000_0265), Self.host, false), (0xc000_0201, Self.host, true),
      (0xc000_0265, IPAddress(v4: 0xc000_0202), true),
    ] {
      let target = Endpoint(address: IPAddress(v4: address), port: 80)
      let mark = Self.identity.mark(of: target)
      let quoted = ICMPError.QuotedSegment(
        sourcePort: mark.localPort, destination: target, sequence: mark.sequence)
      let error = ICMPError(sender: sender, type: 3, code: 1, quoted: quoted)
      let answer = engine.captured(.icmp(error), at: Self.at(5)) { $0 == Self.host }
      #expect((answer != nil) == isAnswer, "\(target) by \(sender)")
    }
    #expect(engine.tally.filtered == 2 && engine.tally.unmatched == 0)
  }

  /// A SYN may wait in a queue of this host for longer than an answer counts.
  @Test func whoWasSaidToBeLostIsNoSecondLine() {
    let target = Endpoint(address: IPAddress(v4: 0xc612_0001), port: 80)
    var engine = SweepEngine(Self.identity, timeout: .milliseconds(500))
    engine.missed(target)
    _ = engine.captured(.tcp(Self.syn(target)), at: Self.at(900_000))
    for _ in 0..<2 {
      let answer = engine.captured(.tcp(Self.answer(target)), at: Self.at(900_400))
      #expect(answer == nil)
    }
    let isRefused = engine.refused(target)
    #expect(!isRefused && engine.tally.refused == 0)
    #expect(engine.tally.open == 0 && engine.tally.late == 1 && engine.tally.duplicates == 1)
    let isSettled = engine.hasAnswered(target)
    #expect(isSettled)
  }

  /// A repetition may wait for room while the answer to the first SYN comes.
  @Test func whoHasAnsweredIsNotRefused() {
    let target = Endpoint(address: IPAddress(v4: 0xc612_0001), port: 80)
    var engine = SweepEngine(Self.identity, timeout: .milliseconds(500))
    _ = engine.captured(.tcp(Self.syn(target)), at: Self.at(1))
    let answer = engine.captured(.tcp(Self.answer(target)), at: Self.at(5))
    let isRefused = engine.refused(target)
    #expect(answer != nil && !isRefused)
    #expect(engine.tally.open == 1 && engine.tally.refused == 0)
  }

  @Test func anICMPErrorIsTheAnswerOfWhomItQuotes() {
    let target = Endpoint(address: IPAddress(v4: 0xc612_0001), port: 80)
    let mark = Self.identity.mark(of: target)
    var engine = SweepEngine(Self.identity, timeout: .milliseconds(500))
    _ = engine.captured(.tcp(Self.syn(target)), at: Self.at(1))
    func error(_ code: UInt8, sequence: SequenceNumber) -> Frame {
      .icmp(
        ICMPError(
          sender: IPAddress(v4: 0xc000_02fe), type: 3, code: code,
          quoted: ICMPError.QuotedSegment(sourcePort: mark.localPort, destination: target, sequence: sequence)))
    }
    #expect(engine.captured(error(1, sequence: mark.sequence.advanced(by: 1)), at: Self.at(9)) == nil)
    #expect(
      engine.captured(error(4, sequence: mark.sequence), at: Self.at(9)) == nil, "fragmentation needed ends nothing")
    let answer = engine.captured(error(13, sequence: mark.sequence), at: Self.at(9))
    #expect(answer?.roundTrip == .microseconds(8) && answer?.hopLimit == nil)
    #expect(engine.tally.filtered == 1 && engine.tally.unmatched == 1 && engine.hasAnswered(target))
  }

  /// A place that a later SYN took knows no time, and none is made up.
  @Test func aTimeThatIsNoLongerKnownIsAbsent() {
    var times = SendTimes(bits: 2)
    times.sent(0xaaaa_aa00_0000_0001, at: Self.at(10))
    times.sent(0xbbbb_bb00_0000_0001, at: Self.at(20))
    #expect(times.elapsed(since: 0xaaaa_aa00_0000_0001, at: Self.at(30)) == nil)
    #expect(times.elapsed(since: 0xbbbb_bb00_0000_0001, at: Self.at(30)) == .microseconds(10))
    #expect(times.elapsed(since: 0xbbbb_bb00_0000_0001, at: Self.at(19)) == nil, "before it left")
    #expect(times.elapsed(since: 2, at: Self.at(30)) == nil)
    times.sent(2, at: Self.at(40), isAgain: true)
    #expect(times.elapsed(since: 2, at: Self.at(50)) == nil, "nobody knows of which SYN")
    // The time comes around in the table, and is right across that.
    for hours in 0..<40 as Range<Int64> {
      let sent = Self.start.advanced(by: .seconds(hours * 3_600))
      times.sent(2, at: sent)
      #expect(times.elapsed(since: 2, at: sent.advanced(by: .seconds(1_000))) == .seconds(1_000))
      #expect(times.elapsed(since: 2, at: sent.advanced(by: .seconds(3_601))) == nil)
    }
  }

  @Test func anAnswerAfterTheTimeoutIsNone() throws {
    let target = Endpoint(address: IPAddress(v4: 0xc612_0001), port: 80)
    var engine = SweepEngine(Self.identity, timeout: .milliseconds(1))
    _ = engine.captured(.tcp(Self.syn(target)), at: Self.at(1))
    #expect(engine.captured(.tcp(Self.answer(target)), at: Self.at(1_002)) == nil)
    #expect(engine.captured(.tcp(Self.answer(target)), at: Self.at(1_003)) == nil)
    #expect(engine.tally.late == 1 && engine.tally.duplicates == 1 && engine.tally.answered == 0)
    // It is settled as one that has not answered, or asked again.
    let hasAnswered = engine.hasAnswered(target)
    #expect(!hasAnswered)
    _ = engine.captured(.tcp(Self.syn(target, isAgain: true)), at: Self.at(2_000))
    #expect(engine.captured(.tcp(Self.answer(target)), at: Self.at(2_400))?.outcome == .open)
    #expect(engine.tally.answered == 1)
  }

  @Test func acrossAStepOfTheClockNoTimeIsToldAndNothingIsLate() {
    let targets = (1...3).map { Endpoint(address: IPAddress(v4: 0xc612_0000 + $0), port: 80) }
    var engine = SweepEngine(Self.identity, timeout: .seconds(1))
    for target in targets { _ = engine.captured(.tcp(Self.syn(target)), at: Self.at(1)) }
    #expect(engine.captured(.tcp(Self.answer(targets[0])), at: Self.at(5))?.roundTrip == .microseconds(4))
    var seen: [SweepAnswer?] = []
    engine.tellsTimes = false
    seen.append(engine.captured(.tcp(Self.answer(targets[1])), at: Self.at(5_000_000)))
    engine.tellsTimes = true
    seen.append(engine.captured(.tcp(Self.answer(targets[2])), at: Self.at(5_000_001)))
    #expect(seen.map { $0?.outcome } == [.open, .open] && seen.allSatisfy { $0?.roundTrip == nil })
    #expect(engine.tally.late == 0 && engine.tally.answered == 3)
  }

  @Test func ofWhoWasAskedAgainNoTimeIsTold() {
    let target = Endpoint(address: IPAddress(v4: 0xc612_0001), port: 80)
    var engine = SweepEngine(Self.identity, timeout: .seconds(1))
    _ = engine.captured(.tcp(Self.syn(target)), at: Self.at(1))
    _ = engine.captured(.tcp(Self.syn(target, isAgain: true)), at: Self.at(500))
    let answer = engine.captured(.tcp(Self.answer(target)), at: Self.at(600))
    #expect(answer?.outcome == .open && answer?.roundTrip == nil)
  }

  @Test func answersAreRememberedInBoundedMemory() {
    var recent = RecentAnswers(atLeast: 100)
    for print in 0..<1_000 as Range<UInt64> {
      let (isFirst, isFirstAgain) = (recent.isFirst(print), recent.isFirst(print))
      #expect(isFirst && !isFirstAgain)
      if print >= 100 { #expect(recent.contains(print - 99)) }
    }
    #expect(!recent.contains(0))
  }

  @Test func aMarkIsThatOfTheWholeTarget() {
    let targets = [
      Endpoint(address: IPAddress(v4: 1), port: 80), Endpoint(address: IPAddress(v4: 1), port: 81),
      Endpoint(address: IPAddress(v4: 2), port: 80), Endpoint(address: IPAddress(v6: 1), port: 80),
      Endpoint(address: IPAddress(v6: 1 << 64), port: 80),
    ]
    #expect(Set(targets.map { Self.identity.mark(of: $0).sequence }).count == targets.count)
    let zoned = Endpoint(address: IPAddress(v6: 0xfe80 << 112, zone: 3), port: 80)
    #expect(Self.identity.mark(of: zoned) == Self.identity.mark(of: zoned.unzoned))
    let ports = (0..<20_000).map { Self.identity.mark(of: Endpoint(address: IPAddress(v4: $0), port: 80)).localPort }
    #expect(Set(ports).count > 4_000 && ports.allSatisfy(Self.identity.ports.contains))
  }
}

@Suite struct SweepPacers {
  private static func at(_ nanoseconds: Int64) -> MonotonicInstant { MonotonicInstant(nanoseconds: nanoseconds) }

  /// Who looks whenever it is due keeps the rate to a thousandth, with the distances that it asks for.
  @Test(arguments: [1, 10, 1_000, 10_000, 100_000, 1_000_000] as [Double])
  func theRateIsKept(_ rate: Double) {
    var pacer = SweepPacer(rate: rate, start: Self.at(0))
    var now = Self.at(0)
    var sent = 0
    let end = Self.at(Int64(1e9 * max(1, 100 / rate)))
    var most = 0
    while now < end {
      let count = pacer.take(at: now, atMost: .max)
      most = max(most, count)
      sent += count
      now = max(pacer.due, now.advanced(by: .microseconds(50)))
    }
    let seconds = Double(end.nanoseconds) / 1e9
    #expect(abs(Double(sent) / (rate * seconds) - 1) < 0.011)
    #expect(Double(most) <= max(rate / 5_000 + 1, 1))
  }

  /// How many leave in each millisecond of a second after a pause, at 10 000 a second.
  private static func afterPause(_ pause: Duration) -> [Int] {
    var pacer = SweepPacer(rate: 10_000, start: at(0))
    _ = pacer.take(at: at(0), atMost: .max)
    let begin = at(0).advanced(by: pause)
    return (0..<1_000).map { millisecond in
      (0..<10).reduce(0) { sum, tenth in
        sum + pacer.take(at: begin.advanced(by: .microseconds(millisecond * 1_000 + tenth * 100)), atMost: .max)
      }
    }
  }

  @Test(arguments: [(100, 1_000), (2_000, 2_500)])
  func whatAPauseMissedIsMadeUpForSlowlyAndOfALongOneAPart(_ milliseconds: Int, _ missed: Int) {
    let counts = Self.afterPause(.milliseconds(milliseconds))
    #expect(abs(counts.reduce(0, +) - 10_000 - missed) <= 15)
    #expect(counts.allSatisfy { (9...14).contains($0) })
  }
}
