import SynCore
import SynTesting
import Testing

@testable import SynVerdict

/// A path of two token buckets, and a target that takes its time for each answer.
struct NarrowPath {
  /// Bits a second and bytes at once; nil for no bound.
  var forward: (rate: Double, bucket: Double)?
  var back: (rate: Double, bucket: Double)?
  /// Of the forward link's rate, the share that packets of others take; they come between those of the train, which a
  /// link of twice the rate brings.
  var others = 0.0
  /// Nanoseconds that the target takes for an answer.
  var pace = 5_000.0
  /// Share of SYNs and answers that are lost.
  var loss = 0.0
  /// Stamps and timers are late by up to so many nanoseconds.
  var lateness = 5_000.0
  /// The chance with each packet that this host, which takes 300 us to send one, pauses for up to 5 ms.
  var pauses = 0.0

  private static let sizes: [ProbeTrain.Kind: (syn: Int, answer: Int)] = [
    .padded: (1_434, 74), .full: (74, 74), .plain: (54, 58),
  ]

  func train(_ kind: ProbeTrain.Kind, _ count: Int, _ generator: inout SeededGenerator) -> ProbeTrain {
    let (syn, answer) = Self.sizes[kind] ?? (0, 0)
    var forward = Bucket(self.forward)
    var back = Bucket(self.back)
    var cars: [ProbeTrain.Car] = []
    var target = 0.0
    var line = 0.0
    var start = 1e6
    var awake = 0.0
    for index in 0..<count {
      var car = ProbeTrain.Car()
      if index > 0 { start += pauses > 0 ? 300_000 : 3_000 }
      if generator.chance(pauses) { start += .random(in: 0...5e6, using: &generator) }
      let late = { (generator: inout SeededGenerator) in Double.random(in: 0...self.lateness, using: &generator) }
      car.queued = KernelTimestamp(nanoseconds: Int64(start))
      car.sent = KernelTimestamp(nanoseconds: Int64(start + 500))
      cars.append(car)
      var arrival = start + 500
      if let rate = self.forward?.rate, others > 0 {
        arrival = max(arrival, line) + Double(syn) * 4e9 / rate
        let passed = Double(syn) * 4e9 / rate
        line = arrival
        var share = passed * rate * others / 8e9
        while share > 0, generator.chance(min(share / 1_434, 1)) {
          _ = forward.pass(1_434, at: arrival)
          share -= 1_434
        }
      }
      guard !generator.chance(loss) else { continue }
      let through = forward.pass(syn, at: arrival) + late(&generator)
      target = max(through, target) + pace
      guard !generator.chance(loss) else { continue }
      let came = back.pass(answer, at: target) + late(&generator)
      if came > awake, generator.chance(pauses) { awake = came + .random(in: 0...5e6, using: &generator) }
      let received = Int64(max(came, awake))
      cars[index].received = KernelTimestamp(nanoseconds: received)
      cars[index].delivered = KernelTimestamp(nanoseconds: received + 2_000)
      cars[index].answerBytes = answer
    }
    return ProbeTrain(kind, frameBytes: syn, cars: cars)
  }

  func rounds(_ count: Int, _ generator: inout SeededGenerator) -> [ProbeTrain] {
    (0..<count).flatMap { _ in
      [(ProbeTrain.Kind.padded, 48), (.full, 64), (.plain, 32)].map { train($0.0, $0.1, &generator) }
    }
  }

  /// Lets packets pass as a tbf does.
  private struct Bucket {
    let limit: (rate: Double, bucket: Double)?
    /// When the bucket would be full again.
    var full = 0.0

    init(_ limit: (rate: Double, bucket: Double)?) { self.limit = limit }

    mutating func pass(_ bytes: Int, at moment: Double) -> Double {
      guard let limit else { return moment }
      let cost = Double(bytes) * 8e9 / limit.rate
      full = max(full, moment) + cost
      return max(moment, full - limit.bucket * 8e9 / limit.rate)
    }
  }
}

@Suite struct Rates {
  static func findings(_ path: NarrowPath, _ claims: [Claim], seed: UInt64) -> [Finding] {
    var generator = SeededGenerator(seed: seed)
    var evidence = Evidence()
    for train in path.rounds(11, &generator) { evidence.rates.add(train) }
    evidence.areTrainsOver = true
    return ClaimJudge(claims).judge(evidence)
  }

  @Test(arguments: [
    ("9mbit..11mbit", "9mbit..11mbit"), ("10mbit+-5%", "9.5mbit..10.5mbit"), ("10mbit+-1mbit", "9mbit..11mbit"),
    ("..1gbit", "..1gbit"), ("500kbit..", "500kbit.."), ("1mbps..2mbps", "8mbit..16mbit"),
  ])
  func aRangeOfRatesIsReadAsTcWritesThem(_ text: String, _ expected: String) throws {
    #expect(try ClaimedRange.rates(text).text == expected)
  }

  @Test(arguments: [
    "10mbit", "", "..", "10..20", "11mbit..9mbit", "-1mbit..2mbit", "fast..", "10mbit+-5", "0bit..1mbit",
  ])
  func whatIsNoRangeOfRatesIsRefused(_ text: String) {
    #expect(throws: ClaimError.self) { try ClaimedRange.rates(text) }
  }

  @Test func aSingleRateIsAnsweredByARange() {
    let error = #expect(throws: ClaimError.self) { try ClaimedRange.rates("10mbit") }
    #expect(error?.description.contains("write a range, as 9mbit..11mbit") == true)
  }

  /// Gaps in microseconds, and what is read of them.
  @Test(arguments: [
    ([10.0, 10, 10, 10], 10_000.0, 10_000.0, false),
    ([1, 1, 1, 1, 40, 100, 100, 100, 100], 100_000, 100_000, true),
    ([100, 100, 100, 100, 300, 500, 100, 100, 100, 100, 100, 100], 150_000, 100_000, false),
  ])
  func theSteadyDistanceIsThatBehindTheBurst(_ gaps: [Double], _ gap: Double, _ least: Double, _ hasBurst: Bool) throws
  {
    var moment = 0.0
    let stamps =
      [0.0]
      + gaps.map {
        moment += $0; return moment
      }
    let spacing = try #require(TrainSpacing(stamps.map { KernelTimestamp(nanoseconds: Int64($0 * 1_000)) }))
    #expect(spacing.gap == gap && spacing.least == least && spacing.hasBurst == hasBurst, "\(spacing)")
  }

  @Test func betweenTwoThatOneIsMissingOfNothingIsMeasured() {
    let times: [Int64?] = [0, nil, 20, nil, 40, nil]
    let stamps = times.map { time in time.map { KernelTimestamp(nanoseconds: $0) } }
    #expect(TrainSpacing(stamps) == nil)
  }

  /// Who holds the packets, and where that is said to be.
  @Test(arguments: [
    ("forward", NarrowPath(forward: (10e6, 1_600)), FaultPlace.forward),
    ("back", NarrowPath(back: (5e6, 1_600)), .back),
    ("both, back narrower", NarrowPath(forward: (10e6, 1_600), back: (200e3, 1_600)), .back),
    ("forward, behind a bucket", NarrowPath(forward: (50e6, 32_000)), .forward),
  ])
  func theNarrowPartHasAPlace(_ name: String, _ path: NarrowPath, _ place: FaultPlace) throws {
    for way in [FaultPlace.forward, .back, .network, .egress] {
      let findings = Self.findings(path, [Claim(.rate(ClaimedRange())), Claim(.place(way))], seed: 7)
      let isRight = way == place || way == .network
      #expect(findings[1].verdict == (isRight ? .confirmed : .mismatch), "\(name): \(way)")
      #expect(findings[1].estimate == .place(place), "\(name): \(way)")
    }
  }

  @Test func aTargetThatTakesItsTimeIsNoNarrowLink() throws {
    let slow = NarrowPath(pace: 200_000)
    let claim = Claim(.rate(try .rates("2mbit..4mbit")))
    let findings = Self.findings(slow, [claim, Claim(.place(.back))], seed: 3)
    #expect(findings.allSatisfy { $0.verdict == .inconclusive && $0.isBeyondDeciding })
  }

  @Test func aWidePathIsNoNarrowOne() throws {
    let claims = [Claim(.rate(try .rates("9mbit..11mbit"))), Claim(.place(.forward))]
    #expect(Self.findings(NarrowPath(), claims, seed: 3)[0].verdict == .mismatch)
  }

  @Test func whatDropsPaddedSynsIsSaid() throws {
    var generator = SeededGenerator(seed: 1)
    var evidence = Evidence()
    evidence.areTrainsOver = true
    for train in NarrowPath().rounds(13, &generator) {
      guard train.kind == .padded else {
        evidence.rates.add(train)
        continue
      }
      var lost = train
      for index in lost.cars.indices {
        lost.cars[index].received = nil
        lost.cars[index].answerBytes = nil
      }
      evidence.rates.add(lost)
    }
    let finding = ClaimJudge([Claim(.rate(try .rates("9mbit..11mbit")))]).judge(evidence)[0]
    #expect(finding.verdict == .inconclusive)
    #expect(finding.unsoundness?.hasPrefix("SYNs with data are not answered") == true)
  }
}

/// Ten thousand experiments a row: how many true claims are refuted, how many false ones confirmed, and how many decided.
@Suite struct RateCoverage {
  private static let experiments = 10_000

  /// With how many verdicts are refuted, falsely confirmed, and confirmed.
  @Test(
    arguments: [
      ("10 Mbit/s there", NarrowPath(forward: (10e6, 1_600)), 10e6, FaultPlace.forward, [0, 0, 10_000]),
      ("2 Mbit/s back, 5 % lost each way", NarrowPath(back: (2e6, 1_600), loss: 0.05), 2e6, .back, [0, 0, 10_000]),
      (
        "50 Mbit/s there, a bucket of 32 KB, timers late by 50 us",
        NarrowPath(forward: (50e6, 32_000), lateness: 50_000), 50e6, .forward, [0, 0, 10_000]
      ),
      (
        "20 Mbit/s there, others take 20 %", NarrowPath(forward: (20e6, 1_600), others: 0.2), 20e6, .forward,
        [0, 0, 200]
      ),
      ("1 Mbit/s back, a host that pauses", NarrowPath(back: (1e6, 1_600), pauses: 0.03), 1e6, .back, [0, 0, 28]),
      (
        "10 Mbit/s there, a host that pauses", NarrowPath(forward: (10e6, 1_600), pauses: 0.03), 10e6, .forward,
        [0, 0, 9_037]
      ),
      (
        "20 Mbit/s there, others take 40 %", NarrowPath(forward: (20e6, 1_600), others: 0.4), 20e6, .forward, [2, 0, 0]
      ),
    ])
  func seldomIsAVerdictWrong(_ name: String, _ path: NarrowPath, _ rate: Double, _ place: FaultPlace, _ golden: [Int])
    throws
  {
    let right = ClaimedRange.about(BitRate(rate), rate / 10)
    let wrong = ClaimedRange.about(BitRate(rate * 0.75), rate / 10)
    var counts = (refuted: 0, misjudged: 0, confirmed: 0)
    for seed in 0..<Self.experiments {
      let findings = Rates.findings(path, [Claim(.rate(right)), Claim(.place(place))], seed: UInt64(seed))
      if findings.contains(where: { $0.verdict == .mismatch }) { counts.refuted += 1 }
      if findings[0].verdict == .confirmed { counts.confirmed += 1 }
      guard case .rate(let lower, let upper)? = findings[0].interval else { continue }
      if wrong.judge(OpenInterval(lower: lower, upper: upper)) == .confirmed { counts.misjudged += 1 }
    }
    #expect([counts.refuted, counts.misjudged, counts.confirmed] == golden, "\(name)")
    #expect(counts.refuted <= Self.experiments / 20 && counts.misjudged <= Self.experiments / 20, "\(name): \(counts)")
  }
}
