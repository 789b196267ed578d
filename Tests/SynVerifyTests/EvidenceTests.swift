import SynCore
import SynProbe
import SynTesting
import SynVerdict
import SynWire
import Testing

@testable import SynVerify

@Suite struct EvidenceFiles {
  private static let facts = ReplyFacts(
    TCPSegment(
      source: Events.endpoint, destination: Endpoint(address: IPAddress(v4: 1), port: 40_000),
      sequence: SequenceNumber(7), acknowledgement: SequenceNumber(8), flags: [.syn, .ack]))

  /// A probe that has all that one can have.
  private static func full(_ sequence: Int, _ outcome: ProbeOutcome) -> ProbeEvent {
    guard case .probe(var result) = Events.ended(sequence, outcome, milliseconds: 3) else { return .ended }
    let error = ICMPError(
      sender: IPAddress(v6: 5, zone: 3), type: 3, code: 4,
      quoted: ICMPError.QuotedSegment(sourcePort: 1, destination: Events.endpoint, sequence: SequenceNumber(9)))
    result.cause = .silentNeighbour(IPAddress(v4: 9))
    result.drop = DropReason("NETFILTER_DROP", in: "nft_do_chain")
    result.stranger = Events.endpoint
    result.noted = error
    result.reply = facts
    result.observation.handed = KernelTimestamp(nanoseconds: 1)
    result.observation.holder = .packetQueue
    result.observation.handshake = .microseconds(17)
    result.request.shape = SynShape(options: .mss, padding: 9)
    result.request.memory = .seconds(3)
    return .probe(result)
  }

  /// One of each kind, and some probes.
  private static var events: [ProbeEvent] {
    let path = ProbeEvent.Path(interface: "eth0", source: IPAddress(v4: 0xc000_0201), isForeign: false)
    var car = ProbeTrain.Car()
    car.queued = KernelTimestamp(nanoseconds: 5)
    car.answerBytes = 74
    let copy = AnomalyReport(
      .duplicates, count: 2, series: SeriesID(1), sequence: 3, roundTrip: .milliseconds(3),
      copy: ReplyCopy(facts: facts, received: KernelTimestamp(nanoseconds: 4)), delay: .seconds(1),
      stranger: Events.endpoint)
    let error = ICMPError(
      sender: IPAddress(v4: 5), type: 3, code: 1,
      quoted: ICMPError.QuotedSegment(sourcePort: 1, destination: Events.endpoint, sequence: SequenceNumber(9)))
    var events: [ProbeEvent] = [
      .started(path), .path(path), .train(ProbeTrain(.full, frameBytes: 74, cars: [car])), .noTrains(.fixedPort),
    ]
    for sequence in 0..<30 {
      let outcome: ProbeOutcome = sequence % 7 == 3 ? .lost(.network) : .open
      events.append(Events.ended(sequence, outcome, milliseconds: 1.25 + Double(sequence) / 64))
    }
    let outcomes: [ProbeOutcome] = [
      .open, .filtered(error), .blocked(SendFailure(errno: 1)), .unexpected([.ack]), .closed,
    ]
    for (index, outcome) in outcomes.enumerated() { events.append(full(30 + index, outcome)) }
    events += [Events.ended(35, .cancelled), .report(copy), Events.report(.captureDrops)]
    events += [.witness(.answered(Events.start)), .witness(.repeated(after: .seconds(1))), .witness(.none(.noPort))]
    events.append(.dropped([DropCounter("qdisc tbf 8001: on eth0", .egress): 5]))
    events.append(.failed(ProberError(.systemRefused, "no", remedies: ["one"])))
    return events
  }

  private static func plan() throws -> VerifyPlan {
    var plan = VerifyPlan(
      target: VerifyPlan.Host(input: "web:8080", endpoint: Events.endpoint),
      claims: try [
        ("rtt", "..1ms"), ("loss", "0.1%..7%"), ("rate", "1mbit.."), ("where", "back"), ("partition", "true"),
      ].map { try Claim.parse($0.0, $0.1) })
    plan.control = VerifyPlan.Host(input: "other:8080", endpoint: Events.endpoint)
    plan.injected = try NetemSpec.parse("delay 10ms 3ms distribution pareto loss gemodel 3% 30% rate 1mbit")
    plan.siblings = [8081]
    return plan
  }

  private static func verified() throws -> (report: VerifyReport, octets: [UInt8]) {
    var verification = Verification(
      try plan(), mode: .syn, startedAt: KernelTimestamp(nanoseconds: 1_123_456_789), began: Events.start,
      boot: "another")
    var log = EvidenceLog(verification)
    var now = Events.start
    for event in events + [.ended] {
      now = now.advanced(by: .microseconds(1_717))
      for side in VerifyPlan.Side.allCases {
        log.add(event, of: side, at: now)
        verification.add(event, of: side, at: now)
      }
    }
    let report = verification.report()
    return (report, log.file(of: verification, report, version: "1.2.3"))
  }

  private static func judged(_ octets: [UInt8]) throws -> VerifyReport {
    let replay = try EvidenceReplay(octets)
    var verification = replay.verification
    for (event, side, moment) in replay.events { verification.add(event, of: side, at: moment) }
    return verification.report()
  }

  @Test func whateverASeriesTellsIsJudgedAgainToTheSameResult() throws {
    let (report, octets) = try Self.verified()
    #expect(try Self.judged(octets).json == report.json)
    let replay = try EvidenceReplay(octets)
    #expect(replay.version == "1.2.3" && replay.verdict == report.reason)
  }

  @Test func aResultIsOneObjectInTheFile() throws {
    let text = String(decoding: try Self.verified().octets, as: UTF8.self)
    for member in ["cause", "drop", "stranger", "noted"] { #expect(text.contains("\"\(member)\":")) }
    #expect(!text.contains("rarit"))
  }

  @Test func packetsOfOneProbeAreKeptUpToABound() throws {
    var log = EvidenceLog(
      Verification(try Self.plan(), mode: .syn, startedAt: .init(nanoseconds: 0), began: Events.start))
    let octets: [UInt8] =
      [0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2] + [UInt8](repeating: 80, count: 20)
    let headers = try #require(octets.withUnsafeBytes { PacketHeaders(of: $0.bytes, link: .rawIP) })
    for _ in 0..<100 {
      log.add(
        .packet(SeenPacket(.received, at: .init(nanoseconds: 1), headers: headers)), of: .target, at: Events.start)
    }
    #expect(log.packets.count == EvidenceLog.mostPackets && log.entries.isEmpty)
  }

  @Test func oneBitThatIsFlippedIsFound() throws {
    let (_, octets) = try Self.verified()
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<200 {
      var damaged = octets
      let place = Int.random(in: 0..<octets.count, using: &generator)
      damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      #expect(throws: EvidenceReplay.Failure.self, "byte \(place)") { try EvidenceReplay(damaged) }
    }
  }

  /// Numbers that no prober tells, behind a digest that is right.
  @Test func noForgedNumberTraps() throws {
    let (_, octets) = try Self.verified()
    var generator = SeededGenerator(seed: 11)
    let digits = octets.indices.filter { (0x30...0x39).contains(octets[$0]) && octets[$0 - 1] != 0x22 }
    var read = 0
    for _ in 0..<250 {
      var forged = octets
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        var place = digits.randomElement(using: &generator) ?? 0
        let kind = Int.random(in: 0..<4, using: &generator)
        if kind == 0, !(0x30...0x39).contains(forged[place - 1]) {
          forged[place] = UInt8(ascii: "-")
          continue
        }
        while (0x30...0x39).contains(forged[place]) {
          // Far away, but a time that a clock may show: 4 000 000 000 000 000 000 ns.
          let far: UInt8 = forged[place - 1] == UInt8(ascii: ":") ? 0x34 : 0x30
          forged[place] = kind == 1 ? 0x39 : kind == 2 ? far : UInt8.random(in: 0x30...0x39, using: &generator)
          place += 1
        }
      }
      let report = try? Self.judged(Self.sealed(forged))
      if report != nil { read += 1 }
    }
    #expect(read > 25)
  }

  /// With the digest of what it holds now.
  private static func sealed(_ octets: [UInt8]) throws -> [UInt8] {
    var reader = try PcapngReader(octets)
    var last = 0
    while let record = try reader.next() { last = record.offset }
    return octets[..<last] + EvidenceDigest.record(of: octets[..<last])
  }
}
