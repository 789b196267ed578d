import SynCore
import SynTesting
import SynVerdict
import SynWire
import Testing

@testable import SynHTTP

/// The way of a loss of a series that goes on, behind a router that loses some each way: the target repeats for half a minute.
@Suite struct LossWaysOfSeries {
  /// What is lost each way, and after how many milliseconds the target repeats an answer.
  struct Path: Sendable {
    let forward: Double
    let back: Double
    /// Where its own filter drops the answers, Linux gives up when it drops a repetition.
    var givesUp = false

    var repetitions: [Int] { givesUp ? [1_000] : [1_000, 3_000, 7_000, 15_000] }
  }

  /// A moment in milliseconds, and what is seen then.
  private typealias Seen = (at: Int, event: ProbeEvent)

  private static let interval = 20
  private static let quiet = 400

  private static func result(_ sequence: Int, _ outcome: ProbeOutcome) -> ProbeResult {
    let target = Endpoint(address: IPAddress(v4: 0xc000_0202), port: 80)
    return ProbeResult(
      id: ProbeID(UInt64(sequence)),
      request: ProbeRequest(series: SeriesID(1), sequence: sequence, target: target, timeout: .milliseconds(300)),
      submitted: moment(sequence * interval), localPort: 61_000, outcome: outcome, observation: Observation(),
      reply: nil)
  }

  private static func moment(_ milliseconds: Int) -> MonotonicInstant {
    MonotonicInstant(nanoseconds: Int64(milliseconds) * 1_000_000)
  }

  /// What is seen of so many probes, and of two witnesses a second, in its order.
  private static func events(_ probes: Int, _ path: Path, seed: UInt64) -> [Seen] {
    var generator = SeededGenerator(seed: seed)
    var seen: [Seen] = []
    for sequence in 0..<probes {
      let at = sequence * interval
      let isLossy = sequence >= quiet
      let isSilent = isLossy && generator.chance(path.forward)
      let repeated = path.repetitions.first { _ in !(isLossy && generator.chance(path.back)) }
      if !isSilent, !(isLossy && generator.chance(path.back)) {
        seen.append((at, .probe(result(sequence, .open))))
        if sequence % 25 == 0 {
          seen += [(at, .witness(.answered(moment(at)))), (at + 1_000, .witness(.repeated(after: .seconds(1))))]
        }
        continue
      }
      seen.append((at + 300, .probe(result(sequence, .lost(.network)))))
      if sequence % 25 == 0 { seen.append((at, .witness(.unanswered(moment(at))))) }
      if !isSilent, let repeated {
        var report = AnomalyReport(.retransmissions, series: SeriesID(1), sequence: sequence)
        report.delay = .milliseconds(repeated)
        seen.append((at + repeated, .report(report)))
      }
    }
    return seen.sorted { $0.at < $1.at }
  }

  /// What is said first of the losses, and how many seconds after the first that is; looked at each second.
  private static func told(_ path: Path, seconds: Int, seed: UInt64) -> (way: LossWay, after: Int)? {
    var ways = LossWays(isByKernel: false)
    let onset = quiet * interval
    var next = onset + 1_000
    for (at, event) in events(quiet + seconds * 1_000 / interval, path, seed: seed) {
      while at >= next, next <= onset + seconds * 1_000 {
        if let way = ways.way(since: Int64(onset) * 1_000_000) { return (way, (next - onset) / 1_000) }
        next += 1_000
      }
      ways.add(event, isKeeping: at > onset)
      if case .probe(let result) = event, result.outcome.kind == .lost {
        ways.lost(result.request.sequence, at: result.submitted.nanoseconds)
      }
    }
    return nil
  }

  @Test(arguments: [
    (Path(forward: 0.2, back: 0), LossWay.forward, 5), (Path(forward: 0.5, back: 0), .forward, 4),
    (Path(forward: 0, back: 0.2), .back, 8), (Path(forward: 0, back: 0.5), .back, 12),
    (Path(forward: 0, back: 0.2, givesUp: true), .back, 36),
  ])
  func aLossOfOneWayIsToldWithinSomeSeconds(_ path: Path, _ way: LossWay, _ seconds: Int) {
    let told = (0..<50).map { Self.told(path, seconds: 40, seed: $0) }
    #expect(
      told.allSatisfy { $0?.way == way && ($0?.after ?? .max) <= seconds },
      "\(told.map { $0.map { "\($0.way) \($0.after)" } ?? "-" })")
  }

  /// Of 50 losses of both ways, in how many one is told within eight seconds.
  @Test(arguments: [
    (Path(forward: 0.2, back: 0.2), 1), (Path(forward: 0.2, back: 0.2, givesUp: true), 0),
    (Path(forward: 0.2, back: 0.33, givesUp: true), 1),
  ])
  func ofALossOfBothWaysHardlyOneIsTold(_ path: Path, _ golden: Int) {
    let told = (0..<50).map { Self.told(path, seconds: 8, seed: $0) }
    #expect(told.count { $0 != nil } == golden, "\(told.compactMap { $0 })")
  }
}
