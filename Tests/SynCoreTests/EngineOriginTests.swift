import SynCore
import SynTesting
import SynWire
import Testing

/// Whose answer it is: the target's, a stranger's, a router's, or one to an earlier probe.
@Suite struct EngineOrigins {
  @Test func whatTheCaptureSeesIsBeforeTranslationAndMatchesThoughItsSourceIsAnother() throws {
    var bench = Bench()
    try bench.submit()
    let wire = Bench.synAck { $0.source = Endpoint(address: IPAddress(v4: 0x0a00_0001), port: 9999) }
    bench.engine.captured(.tcp(wire), at: Bench.stamp(10))
    bench.engine.delivered(Bench.synAck(), at: Bench.stamp(11))
    bench.advance(to: 20)
    #expect(bench.outcomes == [.open])
    #expect(bench.results.first?.observation.isComplete == true)
  }

  @Test(arguments: [[.syn, .ack], [.rst, .ack]] as [TCPFlags], [true, false])
  func aStrangersAnswerIsUnmatchedAndNamedWhicheverIsSeenFirst(_ flags: TCPFlags, isDeliveredFirst: Bool) throws {
    var bench = Bench()
    try bench.submit()
    let stranger = Endpoint(address: IPAddress(v4: 0xc000_0203), port: 80)
    let answer = Bench.synAck {
      $0.source = stranger; $0.flags = flags
    }
    if isDeliveredFirst { bench.engine.delivered(answer, at: Bench.stamp(11)) }
    bench.engine.captured(.tcp(answer), at: Bench.stamp(10))
    if !isDeliveredFirst { bench.engine.delivered(answer, at: Bench.stamp(11)) }
    bench.advance(to: 2_000)
    #expect(bench.outcomes == [.lost(.network)])
    #expect(bench.results.first?.stranger == stranger)
    #expect(
      bench.reports == [AnomalyReport(.unmatched, series: SeriesID(0), sequence: 0, stranger: stranger)])
  }

  @Test func theTargetsAnswerBesideAStrangersIsOpenWithItsOwnTimes() throws {
    var bench = Bench()
    try bench.submit()
    bench.arrive(Bench.synAck { $0.source = Endpoint(address: Bench.target.address, port: 81) }, at: 10)
    bench.arrive(Bench.synAck(), at: 30)
    bench.advance(to: 32)
    #expect(bench.outcomes == [.open])
    #expect(bench.results.first?.observation.network == .milliseconds(29))
    #expect(bench.anomalies == [.unmatched])
  }

  @Test(arguments: [true, false]) func aPathThatTakesNoStampPlacesNoLossByOne(_ isSeen: Bool) throws {
    var bench = Bench()
    try bench.submit(stamps: isSeen, expectsSentStamp: false)
    bench.engine.stamped(ProbeID(0), .queued, at: Bench.stamp(0))
    bench.arrive(Bench.synAck(), at: 10)
    bench.advance(to: 100)
    let next = ProbeIdentity(localPort: 61_001, initialSequence: SequenceNumber(7))
    try bench.submit(1, at: 200, as: next, stamps: false, expectsSentStamp: !isSeen)
    bench.engine.stamped(ProbeID(1), .queued, at: Bench.stamp(200))
    bench.advance(to: 2_200)
    #expect(bench.outcomes == [.open, .lost(isSeen ? .egress : .unknown)])
  }

  @Test func aCaptureThatNeverSawAnAnswerPlacesNoLossInTheNetwork() throws {
    var bench = Bench()
    try bench.submit()
    bench.engine.delivered(Bench.synAck(), at: Bench.stamp(10))
    bench.advance(to: 100)
    try bench.submit(1, at: 200, as: ProbeIdentity(localPort: 61_001, initialSequence: SequenceNumber(7)))
    bench.advance(to: 2_200)
    #expect(bench.outcomes == [.open, .lost(.unknown)])
  }

  @Test func aChallengeOfAnEarlierProbesConnectionSendsTheProbeAgainFromAnotherPort() throws {
    var bench = Bench()
    try bench.submit()
    bench.arrive(
      Bench.synAck {
        $0.flags = [.ack]; $0.acknowledgement = SequenceNumber(12_345)
      }, at: 5)
    bench.advance(to: 6)
    #expect(bench.again == [ProbeID(0)])
    bench.engine.retire(ProbeID(0))
    try bench.submit(0, at: 6, as: ProbeIdentity(localPort: 61_001, initialSequence: SequenceNumber(7)))
    bench.arrive(
      Bench.synAck {
        $0.acknowledgement = SequenceNumber(8)
        $0.destination = Endpoint(address: $0.destination.address, port: 61_001)
      }, at: 10)
    bench.advance(to: 3_000)
    #expect(bench.outcomes == [.open])
    #expect(bench.anomalies == [.leftovers])
    #expect(bench.engine.counters.attempted == 1)
  }

  @Test func aProbeThatHasEndedIsNotSentAgain() throws {
    // The loop asks before it takes a port: the challenge may come twice, or in the turn of the deadline.
    var bench = Bench()
    try bench.submit()
    let challenge = Bench.synAck {
      $0.flags = [.ack]; $0.acknowledgement = SequenceNumber(12_345)
    }
    bench.arrive(challenge, at: 5)
    bench.arrive(challenge, at: 6)
    bench.advance(to: 7)
    #expect(bench.again == [ProbeID(0), ProbeID(0)])
    #expect(bench.engine.request(of: ProbeID(0)) != nil)
    bench.engine.retire(ProbeID(0))
    #expect(bench.engine.request(of: ProbeID(0)) == nil)
    bench.engine.retire(ProbeID(0))
    bench.advance(to: 8)
    #expect(bench.engine.counters.attempted == 0)
    #expect(bench.anomalies == [.leftovers])
  }

  @Test func aProbeThatWasSentAgainDoesNotComeOutOfOrder() throws {
    var bench = Bench()
    var request = ProbeRequest(series: SeriesID(0), sequence: 0, target: Bench.target, timeout: .seconds(2))
    request.repeats = 1
    let late = ProbeIdentity(localPort: 61_001, initialSequence: SequenceNumber(7))
    try bench.submit(1)
    bench.arrive(Bench.synAck(), at: 1)
    try bench.engine.submit(request, as: late, at: Bench.at(2))
    bench.arrive(
      Bench.synAck {
        $0.acknowledgement = SequenceNumber(8)
        $0.destination = Endpoint(address: $0.destination.address, port: 61_001)
      }, at: 10)
    bench.advance(to: 3_000)
    #expect(bench.outcomes == [.open, .open])
    #expect(bench.anomalies.isEmpty)
  }

  @Test func probesOfOneSeriesHaveHopLimitsOfTheirOwn() throws {
    var engine = ProbeEngine(at: Bench.at(0))
    for hops in [1, 2] as [UInt8] {
      let request = ProbeRequest(
        series: SeriesID(0), sequence: Int(hops), target: Bench.target, timeout: .seconds(2), hopLimit: hops)
      let identity = ProbeIdentity(localPort: 61_000 + UInt16(hops), initialSequence: SequenceNumber(7))
      try engine.submit(request, as: identity, at: Bench.at(0))
      guard case .transmit(let specification) = engine.nextAction() else { Issue.record("nothing to send"); continue }
      #expect(specification.hopLimit == hops)
    }
  }

  @Test func anAddressOfThisHostHasNoSilentNeighbour() throws {
    var bench = Bench()
    let request = ProbeRequest(
      series: SeriesID(0), sequence: 0, target: Bench.target, timeout: .seconds(2), source: Bench.target.address)
    try bench.engine.submit(request, as: Bench.identity, at: Bench.at(0))
    let error = ICMPError(
      sender: Bench.target.address, type: 3, code: 1, quoted: EngineRules.unreachable().quoted)
    bench.engine.captured(.icmp(error), at: Bench.stamp(2))
    bench.engine.delivered(error, at: Bench.stamp(3))
    bench.advance(to: 3_000)
    #expect(bench.outcomes == [.filtered(error)])
  }

  @Test func aProbeThatMetALeftoverIsNeverLost() throws {
    // Else every probe that got through would be asked again whether it does, and the loss would look larger than it is.
    var bench = Bench()
    var request = ProbeRequest(series: SeriesID(0), sequence: 0, target: Bench.target, timeout: .seconds(2))
    request.repeats = 1
    try bench.engine.submit(request, as: Bench.identity, at: Bench.at(0))
    bench.advance(to: 2_000)
    #expect(bench.outcomes == [.unexpected([.ack])])
  }

  @Test func aProbeIsSentAgainAFewTimesOnly() throws {
    var bench = Bench()
    var request = ProbeRequest(series: SeriesID(0), sequence: 0, target: Bench.target, timeout: .seconds(2))
    request.repeats = ProbeEngine.mostRepeats
    try bench.engine.submit(request, as: Bench.identity, at: Bench.at(0))
    bench.arrive(
      Bench.synAck {
        $0.flags = [.ack]; $0.acknowledgement = SequenceNumber(12_345)
      }, at: 5)
    bench.advance(to: 2_000)
    #expect(bench.again.isEmpty)
    #expect(bench.outcomes == [.unexpected([.ack])])
  }

  @Test(arguments: [(3, 4), (4, 0), (5, 1)] as [(UInt8, UInt8)])
  func anICMPErrorThatEndsNoHandshakeIsNotedAndTheProbeWaitsOn(_ type: UInt8, _ code: UInt8) throws {
    var bench = Bench()
    try bench.submit()
    let error = ICMPError(
      sender: Bench.target.address, type: type, code: code, quoted: EngineRules.unreachable().quoted)
    bench.engine.captured(.icmp(error), at: Bench.stamp(2))
    bench.engine.delivered(error, at: Bench.stamp(3))
    bench.advance(to: 40)
    bench.arrive(Bench.synAck(), at: 50)
    bench.advance(to: 52)
    #expect(bench.outcomes == [.open])
    #expect(bench.results.first?.observation.network == .milliseconds(49))
    #expect(bench.results.first?.noted == error)
  }

  @Test func anICMPErrorForAnOlderProbeOfThePathIsItsOwn() throws {
    var bench = Bench()
    try bench.submit()
    try bench.submit(1, as: ProbeIdentity(localPort: 61_000, initialSequence: SequenceNumber(7)))
    bench.engine.captured(.icmp(EngineRules.unreachable()), at: Bench.stamp(10))
    bench.engine.delivered(EngineRules.unreachable(), at: Bench.stamp(12))
    bench.advance(to: 13)
    #expect(bench.outcomes == [.filtered(EngineRules.unreachable())])
    #expect(bench.results.first?.request.sequence == 0)
    #expect(bench.anomalies.isEmpty)
  }

  private static func dropped(
    _ flags: TCPFlags, sequence: UInt32 = 0, acknowledging ack: UInt32 = 0, reason: String = "NETFILTER_DROP"
  ) -> DroppedPacket {
    let isAnswer = flags.contains(.ack)
    let (port, other) = (Bench.identity.localPort, Bench.target.port)
    return DroppedPacket(
      from: isAnswer ? other : port, to: isAnswer ? port : other, sequence: SequenceNumber(sequence),
      acknowledgement: SequenceNumber(ack), flags: flags, reason: DropReason(reason))
  }

  @Test func aDroppedSynOrAnswerSaysWhyItsProbeIsLostAndTheFirstReasonCounts() throws {
    for packet in [EngineOrigins.dropped(.syn, sequence: 0xffff_ffff), EngineOrigins.dropped([.syn, .ack])] {
      var bench = Bench()
      try bench.submit()
      bench.engine.dropped(packet)
      bench.engine.dropped(EngineOrigins.dropped([.syn, .ack], reason: "QDISC_DROP"))
      bench.advance(to: 2_000)
      #expect(bench.results.first?.drop == DropReason("NETFILTER_DROP"))
    }
  }

  @Test(arguments: [
    EngineOrigins.dropped(.syn, sequence: 7), EngineOrigins.dropped([.syn, .ack], acknowledging: 9),
    // This host's own RST for an answer.
    EngineOrigins.dropped(.rst, sequence: 0),
  ]) func whatIsOfAnotherConnectionSaysNothing(_ packet: DroppedPacket) throws {
    var bench = Bench()
    try bench.submit()
    bench.engine.dropped(packet)
    bench.advance(to: 2_000)
    #expect(bench.outcomes == [.lost(.network)] && bench.results.first?.drop == nil)
  }

  @Test func aProbeThatIsAnsweredAllTheSameWasNotDropped() throws {
    var bench = Bench()
    try bench.submit()
    bench.engine.dropped(EngineOrigins.dropped([.syn, .ack]))
    bench.arrive(Bench.synAck(), at: 10)
    bench.advance(to: 20)
    #expect(bench.outcomes == [.open] && bench.results.first?.drop == nil)
  }
}
