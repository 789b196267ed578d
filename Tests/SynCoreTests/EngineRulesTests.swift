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
