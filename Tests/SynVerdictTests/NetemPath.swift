import SynCore
import SynTesting

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
    // A later probe is one interval later for each place: further than the spread of the delays none overtakes.
    let times = samples.compactMap(\.roundTrip)
    let reach = Int(((times.max() ?? 0) - (times.min() ?? 0)) / NetemPath.interval) + 1
    for (number, arrival) in arrivals.enumerated() where arrival < .max {
      samples[number].isOvertaken = arrivals[(number + 1)...].prefix(reach).contains { $0 < arrival }
    }
    var evidence = Evidence(samples)
    if let link { for train in link.rounds(11, &generator) { evidence.rates.add(train) } }
    evidence.areTrainsOver = true
    return evidence
  }

  /// The link that netem's rate makes, which has no bucket; or a token bucket, which lets a packet alone pass at once.
  private var link: NarrowPath? { spec.rate.map { NarrowPath(forward: ($0 * 8, bucket)) } }
  var bucket = 0.0

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
    // Of egress, network and ingress; in the order of Segment.allCases.
    var times: (Int64, Int64, Int64) = (6_000, 40_000, 2_000)
    times.0 += Int64.random(in: 0...4_000, using: &generator)
    times.1 += Int64.random(in: 0...4_000, using: &generator)
    times.2 += Int64.random(in: 0...4_000, using: &generator)
    if let rate = spec.rate, bucket == 0 { times.1 += Int64(74 * 1e9 / rate) }
    times.1 += Int64(-20_000 * LibMath.log(1 - Double.random(in: 0..<1, using: &generator)))
    if !generator.chance(spec.reorder) {
      let random = spec.distribution.quantile(Double.random(in: 0..<1, using: &generator))
      let added = max(spec.delay + Int64(Double(spec.jitter) * random), 0)
      switch segment {
      case .egress: times.0 += added
      case .network: times.1 += added
      case .ingress: times.2 += added
      }
    }
    var sample = Sample(.open)
    (sample.egress, sample.network, sample.ingress) = times
    sample.roundTrip = times.0 + times.1 + times.2
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
