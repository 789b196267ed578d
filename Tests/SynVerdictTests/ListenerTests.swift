import SynCore
import SynVerdict
import SynWire
import Testing

@Suite struct Listeners {
  private static func sibling(_ outcome: ProbeOutcome, at moment: Duration, hopLimit: UInt8 = 64) -> ProbeEvent {
    var result = ProbeResult.made(0, at: moment, outcome)
    result.request.target = Endpoint(address: result.request.target.address, port: 81)
    var answer = SiblingAnswer(result)
    answer.hopLimit = outcome == .closed ? hopLimit : nil
    answer.roundTrip = outcome == .closed ? .microseconds(200) : nil
    return .sibling(answer)
  }

  /// Probes 100 ms apart that are answered or not, and what another port said at a moment.
  private static func reading(_ answers: String, _ siblings: [ProbeEvent]) -> ListenerReading? {
    var trail = ListenerTrail()
    for (number, one) in answers.enumerated() {
      trail.add(.probe(.made(number, at: .milliseconds(100 * number), one == "o" ? .open : .lost(.network))))
    }
    for event in siblings { trail.add(event) }
    return ListenerReading(trail, port: 80)
  }

  @Test(arguments: [
    // All is silent, and the host is not.
    ("-----", [(ProbeOutcome.closed, 450)], ListenerReading.State.silent),
    ("oooooooo------", [(.closed, 1000)], .silent),
    ("----oooooooooo----", [(.closed, 1600)], .silent),
    // The host is silent too.
    ("-----", [(.lost(.network), 450)], .unknown),
    ("oooooooo--------", [(.lost(.network), 1200)], .unknown),
    // A loss by chance.
    ("o-oo-o--oo-o-o", [(.closed, 700)], .answers),
    ("oooooooooo-", [(.closed, 1050)], .answers),
    // Too few to tell.
    ("-", [(.closed, 50)], .unknown),
  ]) func theStateIsThat(_ probes: String, _ asked: [(ProbeOutcome, Int)], _ state: ListenerReading.State) {
    let siblings = asked.map { Listeners.sibling($0.0, at: .milliseconds($0.1)) }
    #expect(Listeners.reading(probes, siblings)?.state == state)
  }

  @Test func whatWasNotAskedIsNotTold() {
    #expect(Listeners.reading("-----", []) == nil)
  }

  @Test func theWordsNameBothPorts() {
    let reading = Listeners.reading("-----", [Listeners.sibling(.closed, at: .milliseconds(450))])
    #expect(
      reading?.meaning
        == "the host answers at port 81, and port 80 does not: its accept queue is full, or a filter drops this port alone"
    )
    #expect(reading?.sibling == 81)
  }

  @Test func aRefusalFromTheHostIsTheHosts() {
    #expect(nearness(own: 62, refusal: 62) == .silent)
    #expect(nearness(own: 62, refusal: 60) == .silent, "another way back is longer")
    #expect(nearness(own: 62, refusal: 126) == .silent, "a host may begin with 64 here and with 128 there")
  }

  @Test func aRefusalFromNearerIsAMiddleboxes() {
    #expect(nearness(own: 62, refusal: 63) == .unknown)
    #expect(nearness(own: 62, refusal: 128) == .unknown)
    #expect(nearness(own: 128, refusal: 64) == .silent)
  }

  private static func synAck(hopLimit: UInt8) -> TCPSegment {
    let (here, there) = (IPAddress(v4: 0xc000_0201), IPAddress(v4: 0xc000_0202))
    return TCPSegment(
      source: Endpoint(address: there, port: 80), destination: Endpoint(address: here, port: 61_000),
      sequence: SequenceNumber(1), acknowledgement: SequenceNumber(2), flags: [.syn, .ack], hopLimit: hopLimit)
  }

  /// The state where the port's own answers and the refusal have these hop limits.
  private func nearness(own: UInt8, refusal: UInt8) -> ListenerReading.State? {
    var trail = ListenerTrail()
    for number in 0..<10 {
      var result = ProbeResult.made(number, at: .milliseconds(100 * number), number < 4 ? .open : .lost(.network))
      if number < 4 {
        result.reply = ReplyFacts(Self.synAck(hopLimit: own))
        result.observation.sent = KernelTimestamp(nanoseconds: 0)
        result.observation.received = KernelTimestamp(nanoseconds: 200_000)
      }
      trail.add(.probe(result))
    }
    trail.add(Listeners.sibling(.closed, at: .milliseconds(700), hopLimit: refusal))
    return ListenerReading(trail, port: 80)?.state
  }
}
