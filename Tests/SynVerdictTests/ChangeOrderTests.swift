import SynCore
import SynTesting
import Testing

@testable import SynVerdict

/// What a watch says where answers come in another order than their probes left in: the slow ones of a fault come after the
/// first quick ones behind it.
@Suite struct ChangeOrderTests {
  private static let interval = Int64(50_000_000)
  private typealias Answer = (number: Int, left: Int64, came: Int64)

  /// What the watch finds of probes that take so many milliseconds each, told in the order of their answers.
  private func changes(
    _ milliseconds: [Double], lost: Range<Int> = 0..<0, seed: UInt64 = 1
  ) -> (found: [ChangePoint], watch: ChangeWatch) {
    var generator = SeededGenerator(seed: seed)
    let answers = milliseconds.enumerated().map { number, time -> Answer in
      let left = Int64(number) * ChangeOrderTests.interval
      return (number, left, left + Int64(time * 1e6) + generator.duration(upTo: .microseconds(20)).nanoseconds)
    }
    var watch = ChangeWatch()
    let found = answers.sorted { $0.came < $1.came }.flatMap { answer in
      var sample = Sample(lost.contains(answer.number) ? .lost : .open)
      guard sample.isAnswer else { return watch.add(answer.number, at: answer.left, sample) }
      sample.roundTrip = answer.came - answer.left
      (sample.egress, sample.network, sample.ingress) = (2_000, answer.came - answer.left - 3_000, 1_000)
      return watch.add(answer.number, at: answer.left, sample)
    }
    return (found, watch)
  }

  private func quiet(_ count: Int) -> [Double] { [Double](repeating: 0.08, count: count) }

  private func slow(_ count: Int, _ milliseconds: Double) -> [Double] {
    [Double](repeating: milliseconds, count: count)
  }

  @Test(arguments: [120, 300, 1_000, 3_000]) func theSlowAnswersOfADelayThatIsGoneAreNoneOfItsRecovery(_ delay: Double)
  {
    let (found, watch) = changes(quiet(300) + slow(100, delay) + quiet(400))
    #expect(
      found.map(\.kind) == [.onset, .recovery] && found.map(\.at) == [300, 400].map { $0 * ChangeOrderTests.interval })
    #expect(watch.open.isEmpty)
  }

  @Test(arguments: UInt64(1)...8) func aJitterIsSeenBehindDelaysThatAreGone(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    // As netem does it with a delay of 1 ms and 40 ms more or less: half of them cannot leave earlier than at once.
    let jitter = (0..<100).map { _ in 0.08 + max(Double.random(in: -39...41, using: &generator), 0) }
    let delays = (0..<3).flatMap { _ in slow(100, 120) + quiet(120) }
    let (found, watch) = changes(quiet(320) + delays + quiet(220) + jitter + quiet(200), seed: seed)
    #expect(found.map(\.kind) == [.onset, .recovery, .onset, .recovery, .onset, .recovery, .onset, .recovery])
    let onset = try #require(found.dropLast().last)
    let late = Int(onset.at / ChangeOrderTests.interval) - (320 + 3 * 220 + 220)
    #expect((0...11).contains(late) && onset.probes <= 30)
    #expect(found.last?.quantity == .spread && watch.open.isEmpty)
  }

  @Test(arguments: 0...3) func answersThatWereHeldAreNoChangeOfWhatIsKnownAlready(later: Int) {
    // Twelve are held and come all at once, behind those of later probes of which the reference was made meanwhile.
    let released = Double(43 + later) * 50 + 10
    let held = (20..<32).map { (number: Int) -> Double in released - Double(number) * 50 + Double(number) * 0.1 }
    let (_, watch) = changes(quiet(20) + held + quiet(400))
    #expect(watch.open.isEmpty)
  }

  @Test func aDelayThatIsShorterThanItselfIsSeen() {
    // Of 300 probes each takes as long as 600 later ones: all behind them are answered first, and are not waited for.
    let (found, watch) = changes(quiet(1_000) + slow(300, 600 * 50) + quiet(2_000))
    #expect(found.map(\.kind) == [.onset, .recovery] && found.first?.at == 1_000 * ChangeOrderTests.interval)
    #expect(watch.open.isEmpty)
  }

  @Test func noiseThatIsGoneIsNoSlowerLevel() {
    var generator = SeededGenerator(seed: 4)
    let noise = (0..<320).map { _ in Double.random(in: 1...21, using: &generator) }
    let (found, watch) = changes(noise + slow(200, 13))
    #expect(found.allSatisfy(\.isImprovement) && watch.open.isEmpty)
  }

  @Test func aRecoveryIsToldThoughWhatWasHeldIsLost() {
    // Taking a queue away takes what it holds: the timeout of those, here 3 s, is not waited for.
    let times = quiet(300) + slow(100, 100) + slow(2, 3_000) + quiet(40)
    let (found, _) = changes(times, lost: 400..<402)
    #expect(found.map(\.kind) == [.onset, .recovery] && found.map(\.quantity) == [.roundTrip, .roundTrip])
    #expect(found.last?.at == 402 * ChangeOrderTests.interval)
  }

  @Test func aReferenceStaysThoughMuchIsSuspected() {
    // Suspected for longer than all that is kept, then a fault, and its end.
    let some = (0..<2_600).map { $0 < 4 || $0 % 31 == 0 ? 2.0 : 0.08 }
    let (found, watch) = changes(quiet(700) + some + slow(60, 30) + quiet(300))
    #expect(found.contains { $0.kind == .onset } && watch.open.isEmpty)
  }

  @Test func aLevelThatRisesIsNoSmallerSpread() throws {
    var generator = SeededGenerator(seed: 3)
    let noise = (0..<320).map { _ in Double.random(in: 1...21, using: &generator) }
    let (found, watch) = changes(noise + slow(60, 24) + noise)
    #expect(found.map(\.kind) == [.onset, .recovery] && found.map(\.quantity) == [.roundTrip, .roundTrip])
    #expect(found.allSatisfy { !$0.isImprovement } && watch.open.isEmpty)
  }

  @Test func whatItWasIsKnownWhenItIsGone() throws {
    // The first answers of this jitter are as slow as each other.
    let alike: [Double] = [31, 33, 30, 32, 31, 34, 29]
    let others = (0..<93).map { (number: Int) -> Double in number % 2 == 0 ? 0.08 : Double(number) * 0.4 }
    let (found, watch) = changes(quiet(320) + alike + others + quiet(200))
    #expect(found.map(\.kind) == [.onset, .recovery] && found.map(\.quantity) == [.roundTrip, .spread])
    #expect(found.last?.onset == found.first?.at && watch.open.isEmpty)
  }
}
