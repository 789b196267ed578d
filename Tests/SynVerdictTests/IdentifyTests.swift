import SynCore
import SynTesting
import Testing

@testable import SynVerdict

/// A path with a line of netem on it.
struct NetemPath {
  var spec = NetemSpec()
  var segment = Segment.network
  private var isBad = false

  // Without a line the path is healthy.
  init(_ line: String = "", _ segment: Segment = .network) throws {
    if !line.isEmpty { spec = try NetemSpec.parse(line) }
    self.segment = segment
  }

  mutating func evidence(_ count: Int, _ generator: inout SeededGenerator) -> Evidence {
    var samples = (0..<count).map { _ in sample(&generator) }
    let arrivals = samples.enumerated().map { number, sample in
      sample.roundTrip.map { Int64(number) * NetemPath.interval + $0 } ?? .max
    }
    for (number, arrival) in arrivals.enumerated() where arrival < .max {
      samples[number].isOvertaken = arrivals[(number + 1)...].prefix(40).contains { $0 < arrival }
    }
    return Evidence(samples)
  }

  static let interval: Int64 = 10_000_000

  private mutating func sample(_ generator: inout SeededGenerator) -> Sample {
    let isDamaged = generator.chance(spec.corrupt)
    let bit = isDamaged ? Int.random(in: 0..<74, using: &generator) : 74
    if isLost(&generator) || bit < 68 {
      var sample = Sample(.lost)
      sample.place = LossPlace(rawValue: segment.rawValue)
      sample.isDamaged = isDamaged && bit < 40
      return sample
    }
    var times: [Segment: Int64] = [.egress: 6_000, .network: 40_000, .ingress: 2_000]
    for one in Segment.allCases { times[one, default: 0] += Int64.random(in: 0...4_000, using: &generator) }
    times[.network, default: 0] += Int64(-20_000 * LibMath.log(1 - Double.random(in: 0..<1, using: &generator)))
    if !generator.chance(spec.reorder) {
      let random = spec.distribution.quantile(Double.random(in: 0..<1, using: &generator))
      times[segment, default: 0] += max(spec.delay + Int64(Double(spec.jitter) * random), 0)
    }
    var sample = Sample(.open)
    (sample.egress, sample.network, sample.ingress) = (times[.egress], times[.network], times[.ingress])
    sample.roundTrip = times.values.reduce(0, +)
    sample.isCopied = generator.chance(spec.duplicate)
    return sample
  }

  private mutating func isLost(_ generator: inout SeededGenerator) -> Bool {
    switch spec.loss {
    case .random(let share, _)?: return generator.chance(share)
    case .gemodel(let p, let r, let lossInBad, let lossInGood)?:
      isBad = isBad ? !generator.chance(r) : generator.chance(p)
      return generator.chance(isBad ? lossInBad : lossInGood)
    case .state?, nil: return false
    }
  }
}

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
  private static let experiments = 2_000

  @Test(arguments: [
    ("", 600, [0, 0, 0, 2_000, 0]), ("delay 100ms", 600, [2_000, 0, 0, 0, 0]), ("delay 2ms", 300, [2_000, 0, 0, 0, 0]),
    ("delay 50ms 10ms", 600, [2_000, 0, 0, 0, 0]), ("delay 50ms 10ms distribution normal", 600, [1_998, 2, 0, 0, 0]),
    ("delay 50ms 10ms distribution pareto", 600, [1_988, 12, 0, 0, 0]),
    ("delay 50ms 10ms distribution paretonormal", 600, [2_000, 0, 0, 0, 0]), ("loss 10%", 600, [1_995, 0, 5, 0, 0]),
    ("loss 1%", 600, [1_963, 0, 0, 37, 0]), ("loss gemodel 3% 20%", 1_000, [1_999, 1, 0, 0, 0]),
    ("duplicate 5%", 600, [2_000, 0, 0, 0, 0]),
    ("corrupt 5%", 600, [2_000, 0, 0, 0, 0]), ("delay 100ms reorder 25%", 600, [2_000, 0, 0, 0, 0]),
    ("delay 40ms 5ms loss 5% duplicate 2%", 600, [1_995, 0, 5, 0, 0]), ("delay 50ms", 150, [0, 0, 0, 0, 2_000]),
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
      && isSame(spec.reorder > 0, truth.reorder > 0) && isSame(isOfBursts, truth.isOfBursts)
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
