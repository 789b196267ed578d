import SynCore
import SynTesting
import Testing

@testable import SynVerdict

/// How seldom a watch raises a false alarm, and how soon a true one: seeded simulations of what paths are like.
@Suite struct ChangeCoverage {
  // MARK: Nothing changes

  struct Quiet: Sendable {
    let name: String
    let path: ChangingPath
    /// Onsets in a million probes, more than two days: of the round trip, of its spread, of loss, of the outcome.
    let golden: [Int]
  }

  static let quiet = [
    Quiet(name: "even", path: ChangingPath(), golden: [0, 0, 0, 0]),
    Quiet(name: "noisy", path: ChangingPath(noise: 0.2), golden: [0, 0, 0, 0]),
    Quiet(name: "with memory", path: ChangingPath(noise: 0.1, correlation: 0.9), golden: [0, 0, 0, 0]),
    Quiet(name: "queues fill at times", path: ChangingPath(bursts: 0.01), golden: [0, 30, 0, 0]),
    Quiet(name: "a day of 30 %", path: ChangingPath(noise: 0.02, day: 0.3), golden: [0, 0, 0, 0]),
    Quiet(
      name: "1 % lost", path: ChangingPath(loss: .random(0.01, correlation: 0)), golden: [0, 0, 0, 0]),
    Quiet(
      name: "1 % lost in bursts of 5",
      path: ChangingPath(loss: .gemodel(p: 0.002, r: 0.2, lossInBad: 1, lossInGood: 0)),
      golden: [0, 0, 7, 0]),
    Quiet(
      name: "all of it",
      path: ChangingPath(
        noise: 0.1, correlation: 0.5, day: 0.3, bursts: 0.01,
        loss: .gemodel(p: 0.002, r: 0.2, lossInBad: 1, lossInGood: 0.001)),
      golden: [0, 0, 14, 0]),
  ]

  @Test(arguments: quiet) func aQuietPathRaisesHardlyAnAlarm(_ row: Quiet) {
    var run = ChangingPath.Run(row.path, seed: 7)
    var watch = ChangeWatch()
    var onsets = [0, 0, 0, 0]
    for _ in 0..<1_000_000 {
      let probe = run.next()
      for change in watch.add(probe.sequence, at: probe.at, probe.sample) where change.kind == .onset {
        for (index, quantity) in ChangePoint.Quantity.allCases.enumerated() where quantity == change.quantity {
          onsets[index] += 1
        }
      }
    }
    #expect(onsets == row.golden, "\(row.name)")
  }

  // MARK: Something changes

  struct Faulty: Sendable {
    let name: String
    var path = ChangingPath()
    let fault: ChangingPath.Fault
    var lasts = 1000
    var quiet = 600
    /// Of 200: seen, of those as what it is and where it is, and gone back; then probes to the alarm, in the median and of nine in ten,
    /// to the recovery in the median, and by how many the moment was missed.
    let golden: [Int]
  }

  static let faulty = [
    Faulty(name: "+100 ms", fault: .init(milliseconds: 100), golden: [200, 200, 200, 5, 5, 3, 0, 0]),
    Faulty(
      name: "+100 ms in egress", fault: .init(milliseconds: 100, segment: .egress),
      golden: [200, 200, 200, 5, 5, 3, 0, 0]),
    Faulty(
      name: "+100 ms for 4 s", fault: .init(milliseconds: 100), lasts: 20, golden: [200, 200, 200, 5, 5, 9, 0, 0]),
    Faulty(
      name: "+100 ms after 30 s", fault: .init(milliseconds: 100), quiet: 150, golden: [200, 200, 200, 7, 7, 3, 0, 0]),
    Faulty(name: "+1 ms", fault: .init(milliseconds: 1), golden: [200, 200, 200, 9, 10, 5, 0, 0]),
    Faulty(
      name: "+10 %, noise 5 %", path: ChangingPath(noise: 0.05), fault: .init(ratio: 0.1),
      golden: [200, 200, 200, 109, 158, 134, 2, 17]),
    Faulty(
      name: "+10 %, noise 20 %", path: ChangingPath(noise: 0.2), fault: .init(ratio: 0.1),
      golden: [1, 1, 0, 486, 486, -1, 1, 1]),
    Faulty(
      name: "0 to 5 ms of jitter", fault: .init(milliseconds: -2.5, jitter: 5),
      golden: [200, 191, 194, 20, 30, 13, 1, 7]),
    Faulty(name: "5 % lost", fault: .init(lost: 0.05), golden: [169, 168, 168, 589, 840, 439, 16, 44]),
    Faulty(
      name: "5 % lost more, 1 % before", path: ChangingPath(loss: .random(0.01, correlation: 0)),
      fault: .init(lost: 0.05), golden: [44, 44, 36, 818, 950, 522, 21, 73]),
    Faulty(
      name: "40 % lost for 100 probes", fault: .init(lost: 0.4), lasts: 100, quiet: 300,
      golden: [200, 200, 200, 24, 41, 47, 1, 4]),
    Faulty(name: "all lost", fault: .init(lost: 1, segment: .ingress), golden: [200, 200, 200, 5, 5, 3, 0, 0]),
    Faulty(name: "all lost for 2 s", fault: .init(lost: 1), lasts: 10, golden: [200, 200, 200, 5, 5, 17, 0, 0]),
  ]

  @Test(arguments: faulty) func aFaultIsSeenSoon(_ row: Faulty) {
    var (seen, right, recovered) = (0, 0, 0)
    var (delays, returns, missed): ([Int], [Int], [Int]) = ([], [], [])
    for seed in 0..<200 {
      var path = row.path
      path.fault = row.fault
      path.faulty = row.quiet..<row.quiet + row.lasts
      var run = ChangingPath.Run(path, seed: UInt64(seed))
      var watch = ChangeWatch()
      var onset: Int?
      for number in 0..<row.quiet + row.lasts + 1000 {
        let probe = run.next()
        for change in watch.add(probe.sequence, at: probe.at, probe.sample) where number >= row.quiet {
          if change.kind == .onset, onset == nil {
            seen += 1
            onset = number
            delays.append(number + 1 - row.quiet)
            missed.append(abs(Int(change.at / 200_000_000) - row.quiet))
            if change.quantity == row.expected, change.place == row.fault.segment { right += 1 }
          }
          if change.kind == .recovery, number >= row.quiet + row.lasts, watch.open.isEmpty {
            recovered += 1
            returns.append(number + 1 - row.quiet - row.lasts)
          }
        }
      }
    }
    let values = [
      seen, right, recovered, delays.part(0.5), delays.part(0.9), returns.part(0.5), missed.part(0.5), missed.part(0.9),
    ]
    #expect(values == row.golden, "\(row.name)")
  }
}

extension ChangeCoverage.Faulty {
  fileprivate var expected: ChangePoint.Quantity {
    fault.lost > 0 ? .loss : fault.jitter > 0 ? .spread : .roundTrip
  }
}

extension [Int] {
  /// A quantile; −1 of nothing.
  fileprivate func part(_ ratio: Double) -> Int {
    isEmpty ? -1 : sorted()[Swift.min(Int(ratio * Double(count)), count - 1)]
  }
}
