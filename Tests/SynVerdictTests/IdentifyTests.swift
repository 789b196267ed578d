import SynCore
import SynTesting
import Testing

@testable import SynVerdict

@Suite struct Identifying {
  static func identify(_ line: String, _ segment: Segment = .network, probes: Int = 600, seed: UInt64 = 1) throws
    -> NetemIdentification
  {
    var generator = SeededGenerator(seed: seed)
    var healthy = try NetemPath()
    var faulty = try NetemPath(line, segment)
    let baseline = healthy.evidence(60, &generator)
    return NetemIdentification.find(
      faulty.evidence(probes, &generator), baseline: baseline, interval: NetemPath.interval)
  }

  @Test(arguments: [
    "delay 100ms", "delay 3ms", "delay 50ms 10ms", "delay 50ms 10ms distribution normal",
    "delay 80ms 20ms distribution pareto", "loss 10%", "loss 100%", "loss gemodel 3% 20%", "duplicate 5%",
    "corrupt 10%",
    "delay 100ms reorder 25%", "delay 40ms 5ms loss 5%",
  ]) func theLineThatWasSetIsFound(_ line: String) throws {
    let truth = try NetemSpec.parse(line)
    guard case .explained(let lines) = try Identifying.identify(line), let first = lines.first else {
      Issue.record("\(try Identifying.identify(line))")
      return
    }
    #expect(first.isAlike(truth), "\(first.text)")
    #expect(first.holds(truth), "\(first.parameters)")
    #expect(first.side == nil || first.side?.segment == .network)
  }

  /// What no line of netem does.
  @Test func twoLevelsAreNoneOfNetemsShapes() throws {
    let found = try Identifying.changed("delay 20ms") { number, sample in
      if number % 2 == 0 { sample.add(60_000_000) }
    }
    #expect(found == .unexplained(.shape))
  }

  @Test func aTokenBucketIsNoneOfNetems() throws {
    var generator = SeededGenerator(seed: 3)
    var healthy = try NetemPath()
    var narrow = try NetemPath("rate 1mbit")
    narrow.bucket = 1_600
    let baseline = healthy.evidence(60, &generator)
    let found = NetemIdentification.find(
      narrow.evidence(300, &generator), baseline: baseline, interval: NetemPath.interval)
    guard case .unexplained(.bucket(let rate)) = found else {
      Issue.record("\(found)")
      return
    }
    #expect(abs(rate.bitsPerSecond - 1e6) < 5e4)
  }

  @Test func aDelayThatBeginsMeanwhileIsMoving() throws {
    let found = try Identifying.changed("delay 20ms") { number, sample in
      if number >= 300 { sample.add(30_000_000) }
    }
    #expect(found == .unexplained(.moving))
  }

  @Test func aDelayInTwoPlacesIsNoOneLine() throws {
    let found = try Identifying.changed("delay 20ms") { _, sample in
      sample.egress = sample.egress.map { $0 + 20_000_000 }
      sample.roundTrip = sample.roundTrip.map { $0 + 20_000_000 }
    }
    guard case .unexplained(.places(let places)) = found else {
      Issue.record("\(found)")
      return
    }
    #expect(Set(places) == ["a delay in egress", "a delay in network"])
  }

  @Test func aDelayHereAndALossThereIsNoOneLine() throws {
    let found = try Identifying.changed("delay 20ms", .egress) { number, sample in
      guard number % 7 == 0 else { return }
      sample = Sample(.lost)
      sample.place = .network
    }
    guard case .unexplained(.places) = found else {
      Issue.record("\(found)")
      return
    }
  }

  @Test func theSideIsThatOfTheStamps() throws {
    for segment in Segment.allCases {
      let found = try Identifying.identify("delay 20ms 4ms loss 5%", segment)
      #expect(found.first?.side == FaultPlace(segment))
    }
  }

  @Test func aRefusedPortIsNoLine() throws {
    let found = try Identifying.changed("delay 1us") { _, sample in sample.outcome = .closed }
    #expect(found == .unexplained(.other("the port refuses")))
  }

  @Test func moreDamageThanNetemsIsNoLine() throws {
    let found = try Identifying.changed("delay 1us") { _, sample in
      sample = Sample(.lost)
      (sample.place, sample.isDamaged) = (.network, true)
    }
    #expect(found == .unexplained(.other("more answers have a wrong checksum than netem's corrupt brings about")))
  }

  @Test func withoutStampsADelayHasNoSide() throws {
    var generator = SeededGenerator(seed: 4)
    var healthy = try NetemPath()
    var faulty = try NetemPath("delay 20ms", .egress)
    var baseline = healthy.evidence(60, &generator)
    for number in baseline.samples.indices {
      (baseline.samples[number].egress, baseline.samples[number].network, baseline.samples[number].ingress) = (
        nil, nil, nil
      )
    }
    let found = NetemIdentification.find(faulty.evidence(300, &generator), baseline: baseline, interval: 1)
    #expect(found.first?.spec.delay ?? 0 > 19_000_000 && found.first?.side == nil)
  }

  @Test func belowTheSampleItNeedsItAbstains() throws {
    #expect(try Identifying.identify("delay 20ms", probes: 150) == .tooFew(.probes(missing: 50)))
    var generator = SeededGenerator(seed: 1)
    var path = try NetemPath()
    let few = path.evidence(10, &generator)
    let many = path.evidence(600, &generator)
    #expect(NetemIdentification.find(many, baseline: few, interval: 1) == .tooFew(.baseline(missing: 10)))
    var dropped = many
    dropped.captureDrops = 1
    guard case .tooFew(.unsound) = NetemIdentification.find(dropped, baseline: many, interval: 1) else {
      Issue.record("what this host lost is no fault of the network")
      return
    }
  }

  /// 600 probes behind a line, each changed.
  private static func changed(
    _ line: String, _ segment: Segment = .network, _ change: (Int, inout Sample) -> Void
  ) throws -> NetemIdentification {
    var generator = SeededGenerator(seed: 2)
    var healthy = try NetemPath()
    var faulty = try NetemPath(line, segment)
    let baseline = healthy.evidence(60, &generator)
    var evidence = faulty.evidence(600, &generator)
    for number in evidence.samples.indices { change(number, &evidence.samples[number]) }
    return NetemIdentification.find(evidence, baseline: baseline, interval: NetemPath.interval)
  }
}

extension Sample {
  fileprivate mutating func add(_ nanoseconds: Int64) {
    network = network.map { $0 + nanoseconds }
    roundTrip = roundTrip.map { $0 + nanoseconds }
  }
}

extension NetemIdentification {
  fileprivate var first: NetemLine? { if case .explained(let lines) = self { lines.first } else { nil } }
}

/// Experiments a row: how many find the line first, with every interval right; find it among the lines; find another; say that
/// none explains it; abstain.
@Suite struct IdentifyCoverage {
  private static let experiments = 10_000

  @Test(arguments: [
    ("", 600, [0, 0, 0, 10_000, 0]), ("delay 100ms", 600, [10_000, 0, 0, 0, 0]),
    ("delay 2ms", 300, [10_000, 0, 0, 0, 0]),
    ("delay 50ms 10ms", 600, [9_998, 2, 0, 0, 0]), ("delay 50ms 10ms distribution normal", 600, [9_997, 3, 0, 0, 0]),
    ("delay 50ms 10ms distribution pareto", 600, [9_904, 96, 0, 0, 0]),
    ("delay 50ms 10ms distribution paretonormal", 600, [9_991, 9, 0, 0, 0]), ("loss 10%", 600, [9_998, 0, 2, 0, 0]),
    ("loss 1%", 600, [9_966, 0, 0, 34, 0]), ("loss gemodel 3% 20%", 1_000, [9_998, 2, 0, 0, 0]),
    ("duplicate 5%", 600, [10_000, 0, 0, 0, 0]),
    ("corrupt 5%", 600, [10_000, 0, 0, 0, 0]), ("delay 100ms reorder 25%", 600, [10_000, 0, 0, 0, 0]),
    ("rate 1mbit", 300, [10_000, 0, 0, 0, 0]), ("rate 200kbit loss 5%", 300, [9_997, 2, 0, 1, 0]),
    ("delay 40ms 5ms loss 5% duplicate 2%", 600, [9_998, 0, 2, 0, 0]), ("delay 50ms", 150, [0, 0, 0, 0, 10_000]),
  ])
  func theLineIsFound(_ line: String, _ probes: Int, _ golden: [Int]) throws {
    let truth = line.isEmpty ? NetemSpec() : try NetemSpec.parse(line)
    var counts = [0, 0, 0, 0, 0]
    for seed in 0..<Self.experiments {
      switch try Identifying.identify(line, probes: probes, seed: UInt64(seed)) {
      case .explained(let lines):
        let isFirst = lines.first.map { $0.isAlike(truth) && $0.holds(truth) } ?? false
        let isAmong = lines.contains { $0.isAlike(truth) }
        counts[isFirst ? 0 : isAmong ? 1 : 2] += 1
      case .unexplained: counts[3] += 1
      case .tooFew: counts[4] += 1
      }
    }
    #expect(counts == golden, "\(line)")
  }
}

extension NetemLine {
  /// Whether it names what the truth has, and nothing else.
  func isAlike(_ truth: NetemSpec) -> Bool {
    let isSame = { (has: Bool, wants: Bool) in has == wants }
    return isSame(spec.delay > 0, truth.delay > 0) && isSame(spec.jitter > 0, truth.jitter > 0)
      && (truth.jitter == 0 || spec.distribution == truth.distribution) && isSame(spec.loss != nil, truth.loss != nil)
      && isSame(spec.duplicate > 0, truth.duplicate > 0) && isSame(spec.corrupt > 0, truth.corrupt > 0)
      && isSame(spec.rate != nil, truth.rate != nil) && isSame(spec.reorder > 0, truth.reorder > 0)
      && isSame(isOfBursts, truth.isOfBursts)
  }

  private var isOfBursts: Bool { spec.isOfBursts }

  /// Whether each interval holds what was set.
  func holds(_ truth: NetemSpec) -> Bool {
    parameters.allSatisfy { parameter in
      switch (parameter.name, parameter.interval) {
      case (.delay, .time(let lower, let upper)):
        // Whatever the path itself adds is within its own variation.
        (lower ?? .min) - 60_000 <= truth.delay && truth.delay <= (upper ?? .max) + 60_000
      case (.jitter, .time(let lower, let upper)):
        (lower ?? .min) - 60_000 <= truth.jitter && truth.jitter <= (upper ?? .max) + 60_000
      case (.loss, .share(let lower, let upper)): lower <= truth.lossShare && truth.lossShare <= upper
      case (.lossP, .share(let lower, let upper)): lower <= truth.chain.p && truth.chain.p <= upper
      case (.lossR, .share(let lower, let upper)): lower <= truth.chain.r && truth.chain.r <= upper
      case (.rate, .rate(let lower, let upper)):
        // Stamps and timers are late by some microseconds, as they are on a host.
        (lower?.bitsPerSecond ?? 0) * 0.99 <= (truth.rate ?? 0) * 8
          && (truth.rate ?? 0) * 8 <= (upper?.bitsPerSecond ?? .infinity) * 1.01
      case (.reorder, .share(let lower, let upper)): lower <= truth.reorder && truth.reorder <= upper
      case (.duplicate, .share(let lower, let upper)): lower <= truth.duplicate && truth.duplicate <= upper
      case (.corrupt, .share(let lower, let upper)): lower <= truth.corrupt && truth.corrupt <= upper
      default: true
      }
    }
  }
}

extension NetemSpec {
  var isOfBursts: Bool { if case .gemodel? = loss { true } else { false } }

  var chain: (p: Double, r: Double) {
    if case .gemodel(let p, let r, _, _)? = loss { return (p, r) }
    return (0, 0)
  }
}
