import Glibc
import SynCore
import SynTesting
import SynVerdict

/// A path whose times and losses go on as they are, but for a fault from one probe to another; five probes a second.
struct ChangingPath {
  /// What is wrong with it.
  struct Fault {
    var milliseconds = 0.0
    var ratio = 0.0
    var jitter = 0.0
    var lost = 0.0
    var segment = Segment.network
  }

  /// Of the network, milliseconds.
  var base = 10.0
  /// Standard deviation of the times' noise, as a part of the base.
  var noise = 0.01
  /// How much of the noise stays from one probe to the next.
  var correlation = 0.0
  /// The part of the base by which it swings over a day.
  var day = 0.0
  /// How often a queue fills, and how long it takes to drain.
  var bursts = 0.0
  var loss = NetemSpec.Loss.random(0, correlation: 0)
  var fault = Fault()
  var faulty = 0..<0

  /// Probes of a day.
  static let probesOfDay = 432_000.0

  /// What becomes of each probe.
  struct Run {
    let path: ChangingPath
    var generator: SeededGenerator
    var chain: LossChain
    var noise = 0.0
    var queue = 0.0
    var number = 0

    init(_ path: ChangingPath, seed: UInt64) {
      self.path = path
      generator = SeededGenerator(seed: seed)
      chain = LossChain(path.loss, seed: seed &+ 1)
    }

    /// When it leaves, nanoseconds.
    static func departure(_ number: Int) -> Int64 { Int64(number) * 200_000_000 }

    mutating func next() -> (sequence: Int, at: Int64, sample: Sample) {
      defer { number += 1 }
      let isFaulty = path.faulty.contains(number)
      let isLost = chain.loses() || isFaulty && generator.chance(path.fault.lost)
      guard !isLost else {
        var sample = Sample(.lost)
        sample.place = LossPlace(rawValue: path.fault.segment.rawValue)
        return (number, Run.departure(number), sample)
      }
      var times = [0.002, network(), 0.001]
      if isFaulty {
        let added =
          path.fault.milliseconds + path.fault.ratio * path.base
          + path.fault.jitter * (Double.random(in: 0...1, using: &generator))
        for (index, segment) in Segment.allCases.enumerated() where segment == path.fault.segment {
          times[index] += added
        }
      }
      var sample = Sample(.open)
      let parts = times.map { Int64($0 * 1e6) }
      (sample.egress, sample.network, sample.ingress) = (parts[0], parts[1], parts[2])
      sample.roundTrip = parts.reduce(0, +)
      return (number, Run.departure(number), sample)
    }

    private mutating func network() -> Double {
      // Twelve even numbers make a normal one, near enough.
      let normal = (0..<12).reduce(-6.0) { sum, _ in sum + Double.random(in: 0..<1, using: &generator) }
      noise = path.correlation * noise + (1 - path.correlation * path.correlation).squareRoot() * normal
      if path.bursts > 0, generator.chance(path.bursts) {
        queue = path.base * Double.random(in: 0.2..<2, using: &generator)
      }
      queue *= 0.7
      let swing = path.day * sin(Double(number) / ChangingPath.probesOfDay * 2 * .pi)
      // Noise has a floor, and a tail.
      let jitter = path.noise * (noise + 0.3 * max(noise, 0) * max(noise, 0))
      return path.base * max(1 + swing + jitter, 0.5) + queue
    }
  }
}
