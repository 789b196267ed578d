import SynCore
import SynTesting
import SynWire
import Testing

@Suite struct EngineRules {
  @Test func aDeliveredSynAckIsOpenWithItsThreeSegments() throws {
    var bench = Bench()
    try bench.submit()
    bench.arrive(Bench.synAck(), at: 31, delivered: 34)
    bench.advance(to: 35)
    #expect(bench.outcomes == [.open])
    let observation = try #require(bench.results.first?.observation)
    #expect(observation.egress == .milliseconds(1))
    #expect(observation.network == .milliseconds(30))
    #expect(observation.ingress == .milliseconds(3))
    #expect(observation.roundTrip == .milliseconds(34))
    #expect(bench.results.first?.reply == ReplyFacts(Bench.synAck()))
  }

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

  @Test(arguments: [UInt32(0), 0xffff_ffff]) func aResetIsClosedWhetherItAcknowledgesTheSynOrItsISN(_ ack: UInt32)
    throws
  {
    var bench = Bench()
    try bench.submit()
    bench.arrive(
      Bench.synAck {
        $0.flags = [.rst, .ack]; $0.acknowledgement = SequenceNumber(ack)
      }, at: 10)
    bench.advance(to: 20)
    #expect(bench.outcomes == [.closed])
    #expect(bench.engine.counters.resetsOfISN == (ack == 0 ? 0 : 1))
  }

  @Test func aReplyThatIsReceivedAndNotDeliveredIsLostInTheIngress() throws {
    var bench = Bench()
    try bench.submit()
    bench.engine.captured(.tcp(Bench.synAck()), at: Bench.stamp(10))
    bench.advance(to: 1_999)
    #expect(bench.outcomes.isEmpty)
    bench.advance(to: 2_000)
    #expect(bench.outcomes == [.lost(.ingress)])
    #expect(bench.results.first?.reply == nil)
  }

  @Test func aProbeThatIsQueuedAndNotSentIsLostInTheEgress() throws {
    var bench = Bench()
    try bench.submit(stamps: false)
    bench.engine.stamped(ProbeID(0), .queued, at: Bench.stamp(0))
    bench.advance(to: 2_000)
    #expect(bench.outcomes == [.lost(.egress)])
  }

  @Test func aMissingSentStampOfADeviceThatTakesNoneSaysNothing() throws {
    var bench = Bench()
    try bench.submit(stamps: false, expectsSentStamp: false)
    bench.engine.stamped(ProbeID(0), .queued, at: Bench.stamp(0))
    bench.advance(to: 2_000)
    #expect(bench.outcomes == [.lost(.unknown)])
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

  @Test func aProbeThatIsSentAndNotAnsweredIsLostInTheNetwork() throws {
    var bench = Bench()
    try bench.submit()
    bench.advance(to: 2_000)
    #expect(bench.outcomes == [.lost(.network)])
  }

  @Test func captureDropsMakeThePlaceOfALossUnknown() throws {
    var bench = Bench()
    try bench.submit()
    bench.engine.captureDropped(3)
    bench.advance(to: 2_000)
    #expect(bench.outcomes == [.lost(.unknown)])
    #expect(bench.reports == [AnomalyReport(.captureDrops, count: 3)])
  }

  @Test func aReplyThatWaitsInABufferAtTheDeadlineIsNoLoss() throws {
    var bench = Bench()
    try bench.submit()
    bench.arrive(Bench.synAck(), at: 10)
    bench.advance(to: 9_000)
    #expect(bench.outcomes == [.open])
  }

  @Test func missingStampsAreAbsentAndNeverZero() throws {
    var bench = Bench()
    try bench.submit(stamps: false)
    bench.arrive(Bench.synAck(), at: 10)
    bench.advance(to: 11)
    #expect(bench.outcomes.isEmpty, "it waits a little for stamps that may still come")
    bench.advance(to: 31)
    #expect(bench.outcomes == [.open])
    let observation = try #require(bench.results.first?.observation)
    #expect(observation.egress == nil && observation.network == nil && observation.roundTrip == nil)
    #expect(observation.ingress == .milliseconds(1))
  }

  @Test func stampsThatComeAfterTheReplyStillCount() throws {
    var bench = Bench()
    try bench.submit(stamps: false)
    bench.arrive(Bench.synAck(), at: 10)
    bench.advance(to: 11)
    bench.engine.stamped(ProbeID(0), .sent, at: Bench.stamp(1))
    bench.engine.stamped(ProbeID(0), .queued, at: Bench.stamp(0))
    bench.advance(to: 12)
    #expect(bench.results.first?.observation.isComplete == true)
  }

  @Test func ofSeveralQueuedStampsTheFirstCounts() throws {
    var bench = Bench()
    try bench.submit()
    bench.engine.stamped(ProbeID(0), .queued, at: Bench.stamp(1))
    bench.arrive(Bench.synAck(), at: 10)
    bench.advance(to: 11)
    #expect(bench.results.first?.observation.queued == Bench.stamp(0))
  }

  @Test func aForgedAcknowledgementEndsNothing() throws {
    var bench = Bench()
    try bench.submit()
    for ack in [1, 0xffff_ffff, 0x8000_0000] as [UInt32] {
      bench.arrive(Bench.synAck { $0.acknowledgement = SequenceNumber(ack) }, at: 5)
    }
    bench.arrive(
      Bench.synAck {
        $0.flags = [.rst]; $0.acknowledgement = SequenceNumber(0)
      }, at: 6)
    bench.arrive(
      Bench.synAck {
        $0.flags = [.rst, .ack]; $0.acknowledgement = SequenceNumber(1)
      }, at: 7)
    bench.advance(to: 2_000)
    #expect(bench.outcomes == [.lost(.network)])
    #expect(bench.anomalies == Array(repeating: .unmatched, count: 5))
    #expect(bench.engine.counters.refusedResets == 2)
  }

  @Test(arguments: [[.ack], [.syn], [.fin, .ack], [.syn, .fin, .psh, .urg], []] as [TCPFlags])
  func anAnswerThatFitsNoRuleIsUnexpectedOnceTheTimeIsUp(_ flags: TCPFlags) throws {
    var bench = Bench()
    try bench.submit()
    bench.arrive(
      Bench.synAck {
        $0.flags = flags; $0.acknowledgement = SequenceNumber(12_345)
      }, at: 5)
    bench.advance(to: 1_999)
    #expect(bench.outcomes.isEmpty, "a proper answer may still come")
    bench.advance(to: 2_000)
    #expect(bench.outcomes == [.unexpected(flags)])
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

  @Test func aProperAnswerAfterAChallengeAckStillDecides() throws {
    var bench = Bench()
    try bench.submit()
    bench.arrive(
      Bench.synAck {
        $0.flags = [.ack]; $0.acknowledgement = SequenceNumber(12_345)
      }, at: 5)
    bench.arrive(Bench.synAck(), at: 10)
    bench.advance(to: 12)
    #expect(bench.outcomes == [.open])
  }

  static func unreachable(sequence: UInt32 = 0xffff_ffff) -> ICMPError {
    ICMPError(
      sender: IPAddress(v4: 0xc633_6401), type: 3, code: 13,
      quoted: .init(sourcePort: 61_000, destination: Bench.target, sequence: SequenceNumber(sequence)))
  }

  @Test func anICMPErrorThatQuotesTheProbeIsFiltered() throws {
    var bench = Bench()
    try bench.submit()
    bench.engine.captured(.icmp(Self.unreachable()), at: Bench.stamp(10))
    bench.engine.delivered(Self.unreachable(), at: Bench.stamp(12))
    bench.advance(to: 13)
    #expect(bench.outcomes == [.filtered(Self.unreachable())])
    #expect(bench.results.first?.observation.ingress == .milliseconds(2))
  }

  @Test(arguments: [(3, 4), (4, 0), (5, 1)] as [(UInt8, UInt8)])
  func anICMPErrorThatEndsNoHandshakeIsNotedAndTheProbeWaitsOn(_ type: UInt8, _ code: UInt8) throws {
    var bench = Bench()
    try bench.submit()
    let error = ICMPError(sender: Bench.target.address, type: type, code: code, quoted: Self.unreachable().quoted)
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
    bench.engine.captured(.icmp(Self.unreachable()), at: Bench.stamp(10))
    bench.engine.delivered(Self.unreachable(), at: Bench.stamp(12))
    bench.advance(to: 13)
    #expect(bench.outcomes == [.filtered(Self.unreachable())])
    #expect(bench.results.first?.request.sequence == 0)
    #expect(bench.anomalies.isEmpty)
  }

  @Test func anICMPErrorThatOnlyTheCaptureSawIsFilteredAfterAShortWait() throws {
    var bench = Bench()
    try bench.submit()
    bench.engine.captured(.icmp(Self.unreachable()), at: Bench.stamp(10))
    bench.advance(to: 11)
    #expect(bench.outcomes.isEmpty)
    bench.advance(to: 40)
    #expect(bench.outcomes == [.filtered(Self.unreachable())])
  }

  @Test func anICMPErrorWithAnotherSequenceNumberIsForged() throws {
    var bench = Bench()
    try bench.submit()
    bench.engine.captured(.icmp(Self.unreachable(sequence: 1)), at: Bench.stamp(10))
    bench.engine.delivered(Self.unreachable(sequence: 1), at: Bench.stamp(10))
    bench.advance(to: 2_000)
    #expect(bench.outcomes == [.lost(.network)])
    #expect(bench.anomalies == [.unmatched])
  }

  @Test func aReplyWithAWrongChecksumIsCorruptAndNoAnswer() throws {
    var bench = Bench()
    try bench.submit()
    bench.arrive(Bench.synAck { $0.checksum = .wrong }, at: 10)
    bench.advance(to: 2_000)
    #expect(bench.outcomes == [.lost(.network)])
    #expect(bench.reports == [AnomalyReport(.corrupt, series: SeriesID(0), sequence: 0)])
  }

  @Test(arguments: [Checksum.State.offloaded, .unverified]) func anOffloadedChecksumIsFine(_ state: Checksum.State)
    throws
  {
    var bench = Bench()
    try bench.submit()
    bench.arrive(Bench.synAck { $0.checksum = state }, at: 10)
    bench.advance(to: 20)
    #expect(bench.outcomes == [.open])
  }

  @Test func aRefusalToSendIsBlockedWithItsErrno() throws {
    var bench = Bench()
    try bench.submit(stamps: false)
    bench.engine.sendFailed(ProbeID(0), SendFailure(errno: 1))
    bench.advance(to: 3_000)
    #expect(bench.outcomes == [.blocked(SendFailure(errno: 1))])
  }

  @Test func cancellingEndsWhatWaitsAndNothingElse() throws {
    var bench = Bench()
    try bench.submit()
    bench.arrive(Bench.synAck(), at: 10)
    bench.advance(to: 12)
    try bench.submit(1, at: 200, as: ProbeIdentity(localPort: 61_001, initialSequence: SequenceNumber(7)))
    bench.engine.cancel([SeriesID(0)])
    bench.advance(to: 300)
    #expect(bench.outcomes == [.open, .cancelled])
    #expect(bench.engine.counters.attempted == bench.engine.counters.completed)
  }

  @Test func anIdentityThatIsRememberedIsNotGivenTwice() throws {
    var bench = Bench()
    try bench.submit()
    #expect(throws: ProbeEngine.SubmitError.identityInUse) { try bench.submit(1) }
    #expect(bench.engine.counters.attempted == 1)
  }
}
