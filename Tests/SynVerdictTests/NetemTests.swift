import SynVerdict
import Testing

@Suite struct Netem {
  private static func spec(_ change: (inout NetemSpec) -> Void) -> NetemSpec {
    var spec = NetemSpec()
    change(&spec)
    return spec
  }

  private static let lines: [(String, NetemSpec)] = [
    ("delay 100ms", spec { $0.delay = 100_000_000 }),
    (
      "netem delay 100ms 10ms 25%",
      spec { ($0.delay, $0.jitter, $0.delayCorrelation) = (100_000_000, 10_000_000, 0.25) }
    ),
    (
      "latency 1.5s 20msec distribution pareto",
      spec { ($0.delay, $0.jitter, $0.distribution) = (1_500_000_000, 20_000_000, .pareto) }
    ),
    ("delay 5", spec { $0.delay = 5_000 }),
    ("loss 5%", spec { $0.loss = .random(0.05, correlation: 0) }),
    ("loss random 5% 25%", spec { $0.loss = .random(0.05, correlation: 0.25) }),
    ("drop 0.5", spec { $0.loss = .random(0.005, correlation: 0) }),
    ("loss gemodel 1%", spec { $0.loss = .gemodel(p: 0.01, r: 0.99, lossInBad: 1, lossInGood: 0) }),
    (
      "loss gemodel 1% 10% 70% 1% ecn",
      spec { $0.loss = .gemodel(p: 0.01, r: 0.1, lossInBad: 0.7, lossInGood: 0.01) }
    ),
    ("loss state 5%", spec { $0.loss = .state(p13: 0.05, p31: 0.95, p32: 0, p23: 1, p14: 0) }),
    ("loss state 5% 50% 10% 60% 1%", spec { $0.loss = .state(p13: 0.05, p31: 0.5, p32: 0.1, p23: 0.6, p14: 0.01) }),
    ("duplicate 5% corrupt 2%", spec { ($0.duplicate, $0.corrupt) = (0.05, 0.02) }),
    (
      "delay 10ms reorder 25% gap 5 limit 50",
      spec { ($0.delay, $0.reorder, $0.gap, $0.limit) = (10_000_000, 0.25, 5, 50) }
    ),
    ("rate 1mbit 10 48 5", spec { ($0.rate, $0.overhead) = (125_000, 10) }),
    ("rate 1kbps", spec { $0.rate = 1000 }),
    ("seed 7 delay 1ms", spec { $0.delay = 1_000_000 }),
  ]

  @Test(arguments: lines) func aLineIsReadAsTcReadsIt(_ text: String, _ expected: NetemSpec) throws {
    var spec = try NetemSpec.parse(text)
    spec.notes = []
    #expect(spec == expected)
  }

  @Test(
    arguments: [
      (
        "sudo tc qdisc add dev eth0 parent 1:3 handle 30: netem delay 200ms 10ms distribution normal",
        "delay 200ms 10ms distribution normal", "the device eth0 and the parent 1:3 of the line"
      ),
      ("tc qdisc replace dev eth0 root netem loss 5%", "loss 5%", "the device eth0 of the line"),
      (
        "qdisc netem 8001: root refcnt 2 limit 1000 delay 100ms  10ms 25%", "delay 100ms 10ms 25%", nil
      ),
      (
        "qdisc noqueue 0: dev lo root refcnt 2\nqdisc netem 8002: dev eth0 root refcnt 2 limit 1000 loss gemodel p 1% r 10%"
          + " 1-h 70% 1-k 0.1%\n Sent 0 bytes 0 pkt (dropped 0, overlimits 0 requeues 0)\n",
        "loss gemodel 1% 10% 70% 0.1%", "the device eth0 of the line"
      ),
      (
        "qdisc netem 30: parent 1:3 limit 1000 rate 1Mbit packetoverhead 20 cellsize 0 celloverhead 0", "rate 1mbit 20",
        "the parent 1:3 of the line"
      ),
      (
        "qdisc netem 8: root refcnt 2 limit 1000 loss state p13 5% p31 50% p32 10% p23 60% p14 1%",
        "loss state 5% 50% 10% 60% 1%", nil
      ),
      (
        "tc qdisc add dev eth0 root \\\n  netem delay 100ms \\\n  loss 5%\n", "delay 100ms loss 5%",
        "the device eth0 of the line"
      ),
      (
        "tc qdisc add dev eth0 root handle 1: prio\ntc qdisc add dev eth0 parent 1:3 netem loss 5%", "loss 5%",
        "the device eth0 and the parent 1:3 of the line"
      ),
      ("netem delay 100ms\nloss 5%", "delay 100ms loss 5%", nil),
      ("qdisc netem 8: root refcnt 2 limit 1000 loss 5% seed 17846744073709551615", "loss 5%", nil),
      ("delay 100", "delay 100us", "tc reads the bare number of 'delay 100' as microseconds"),
    ] as [(String, String, String?)])
  func aLineIsTakenWithWhatTcHasAroundIt(_ text: String, _ line: String, _ note: String?) throws {
    var spec = try NetemSpec.parse(text)
    #expect(spec.notes.count == (note == nil ? 0 : 1))
    if let note { #expect(spec.notes.first?.hasPrefix(note) == true, "\(spec.notes)") }
    spec.notes = []
    #expect(spec == (try NetemSpec.parse(line)))
  }

  @Test(arguments: [
    ("delay 100ms slot 20ms 40ms", "100ms..154ms"), ("slot 20ms", "0ms..22ms"),
    ("delay 50ms slot 10ms 30ms packets 5 bytes 2000", "50ms..88ms"),
    ("delay 10ms slot distribution normal 5ms 1ms packets 3", "10ms..20.9ms"),
  ]) func slotsAreBoundsOfTheRoundTrip(_ line: String, _ range: String) throws {
    let setting = NetemSpec.Setting(path: .peer, hasBaseline: false, interval: 20_000_000)
    #expect(try NetemSpec.parse(line).claims(setting).first.map { "\($0.name) \($0.expected)" } == "rtt \(range)")
  }

  @Test func aDelayOfMicrosecondsThatWasMeantAsMillisecondsIsSaid() {
    let setting = NetemSpec.Setting(path: .peer, hasBaseline: true, interval: 20_000_000)
    #expect {
      try NetemSpec.parse("delay 100").claims(setting)
    } throws: { "\($0)".contains("write 100ms for milliseconds") }
  }

  @Test(arguments: [
    "", "netem", "delay", "delay x", "delay 10parsec", "loss", "loss 101%", "loss -1%", "delay 10ms distribution odd",
    "gap 5", "reorder 25%", "slot", "slot x", "rate 0bit", "rate fast", "wobble 3", "limit -1", "delay 1e9s",
    "loss gemodel",
    "delay 99999999999999999999s", "corrupt", "loss 50% 100%", "\u{1b}[2J",
    "rate 0.000000001bit", "rate 1bit 1e300", "rate 1bit nan", "rate 1bit inf", "rate 1bit -1e9",
  ])
  func whatTcWouldRefuseIsRefused(_ text: String) {
    #expect(throws: ClaimError.self) { try NetemSpec.parse(text) }
  }

  /// Against the kernel's own rules, a million packets of each.
  @Test(
    arguments: [
      ("loss 5%", 0.05, 1), ("loss gemodel 1% 10%", 0.0909, 17.18), ("loss gemodel 1% 10% 70% 1%", 0.0727, 4.18),
      ("loss state 5% 50%", 0.0909, 2.64), ("loss state 5% 50% 10% 60% 1%", 0.0976, 2.64),
    ] as [(String, Double, Double)])
  func theLongRunOfEachLossIsKnown(_ text: String, _ share: Double, _ dependence: Double) throws {
    let spec = try NetemSpec.parse(text)
    #expect(abs(spec.lossShare - share) < 1e-4)
    #expect(abs(spec.lossDependence - dependence) < 0.01)
    var chain = LossChain(try #require(spec.loss), seed: 61)
    var lost = 0
    for _ in 0..<1_000_000 where chain.loses() { lost += 1 }
    // Five standard deviations of as many packets as the dependent ones are worth.
    let error = (share * (1 - share) * dependence / 1_000_000).squareRoot()
    #expect(abs(Double(lost) / 1_000_000 - spec.lossShare) < 5 * error)
  }

  /// A correlation keeps netem's random numbers near the middle: what is written is not what happens.
  @Test(arguments: ["loss 5% 25%", "loss 30% 25%", "loss 50% 50%", "loss 20% 75%", "loss 95% 25%"])
  func aCorrelationChangesTheShare(_ text: String) throws {
    let spec = try NetemSpec.parse(text)
    var chain = LossChain(try #require(spec.loss), seed: 67)
    var lost = 0
    for _ in 0..<1_000_000 where chain.loses() { lost += 1 }
    let share = spec.lossShare
    let error = (share * (1 - share) * spec.lossDependence / 1_000_000).squareRoot()
    #expect(abs(Double(lost) / 1_000_000 - share) < 5 * error + 1e-5)
    #expect(try NetemSpec.parse(text.replacing("loss", with: "duplicate")).duplicate == share)
  }

  /// The claims that a line stands for, as they would be written by hand.
  @Test(
    arguments: [
      ("delay 100ms", FaultPath.peer, true, ["added 90ms..110ms", "where network"]),
      ("delay 100ms", .egress, true, ["added 90ms..110ms", "where egress"]),
      ("delay 100ms", .both, true, ["added 180ms..220ms"]),
      ("delay 100ms", .peer, false, ["rtt 90ms..180ms", "where network"]),
      ("delay 5ms", .peer, false, ["rtt 4.5ms..", "where network"]),
      ("delay 100ms 10ms", .peer, true, ["added 90ms..110ms", "jitter 5ms..20ms", "where network"]),
      (
        "delay 100ms 10ms loss 5%", .peer, true,
        ["added 90ms..110ms", "jitter 5ms..20ms", "loss 2.5%..7.5%", "where network"]
      ),
      ("loss 5%", .both, false, ["loss 4.875%..14.625%"]),
      ("loss 100%", .peer, false, ["partition", "where network"]),
      ("loss 0.5%", .egress, false, ["loss 0%..1.5%", "where egress"]),
      ("duplicate 5%", .peer, false, ["duplicate 2.5%..7.5%"]),
      ("corrupt 10%", .egress, false, ["loss 3.5%..15%"]),
      ("corrupt 10%", .peer, false, ["loss 3.5%..15%", "corrupt 1.5%..15%"]),
      ("delay 100ms loss 100%", .peer, true, ["partition", "where network"]),
      ("delay 100ms reorder 75%", .peer, true, ["reorder 12.451172%..42.353516%"]),
      ("rate 8kbit", .peer, true, ["added 46.6ms..101.4ms", "where network"]),
    ] as [(String, FaultPath, Bool, [String])])
  func aLineStandsForClaims(_ text: String, _ path: FaultPath, _ hasBaseline: Bool, _ expected: [String]) throws {
    let setting = NetemSpec.Setting(path: path, hasBaseline: hasBaseline, interval: 20_000_000)
    let claims = try NetemSpec.parse(text).claims(setting)
    #expect(claims.map { $0.name == "partition" ? $0.name : "\($0.name) \($0.expected)" } == expected)
  }

  @Test func reorderingNeedsProbesCloserTogetherThanTheDelay() throws {
    let spec = try NetemSpec.parse("delay 10ms reorder 25% gap 5")
    let near = NetemSpec.Setting(path: .peer, hasBaseline: false, interval: 2_000_000)
    let far = NetemSpec.Setting(path: .peer, hasBaseline: false, interval: 20_000_000)
    // Four of the eight packets of a round are overtaken.
    #expect(try spec.claims(near).contains(Claim(.reorder(ClaimedRange(lower: 0.25, upper: 0.8)))))
    #expect(throws: ClaimError.self) { try spec.claims(far) }
  }

  @Test func whatNoProbeCanSeeIsNoClaim() {
    let setting = NetemSpec.Setting(path: .peer, hasBaseline: true, interval: 20_000_000)
    #expect(throws: ClaimError.self) { try NetemSpec.parse("limit 10").claims(setting) }
  }
}
