import SynCore
import SynTesting
import Testing

@testable import SynVerdict

/// What a watch says of the stories that paths tell.
@Suite struct ChangeWatchTests {
  /// A stretch of probes that end alike.
  struct Stretch {
    var count: Int
    var outcome = ProbeOutcome.Kind.open
    var milliseconds = 10.0
  }

  private func changes(_ stretches: Stretch...) -> (found: [ChangePoint], watch: ChangeWatch) { changes(stretches) }

  private func changes(_ stretches: [Stretch]) -> (found: [ChangePoint], watch: ChangeWatch) {
    var generator = SeededGenerator(seed: 22)
    var watch = ChangeWatch()
    var found: [ChangePoint] = []
    var number = 0
    for stretch in stretches {
      for _ in 0..<stretch.count {
        var sample = Sample(stretch.outcome)
        if sample.isAnswer {
          let network = Int64(stretch.milliseconds * 1e6) + generator.duration(upTo: .microseconds(100)).nanoseconds
          (sample.egress, sample.network, sample.ingress) = (2_000, network, 1_000)
          sample.roundTrip = network + 3_000
        }
        if stretch.outcome == .lost { sample.place = .network }
        found += watch.add(number, at: Int64(number), sample)
        number += 1
      }
    }
    return (found, watch)
  }

  @Test(arguments: [ProbeOutcome.Kind.closed, .filtered, .blocked, .unexpected])
  func aPortThatEndsOtherwiseThanBeforeHasChanged(_ kind: ProbeOutcome.Kind) throws {
    let (found, watch) = changes(Stretch(count: 300), Stretch(count: 40, outcome: kind))
    let onset = try #require(found.first)
    #expect(onset.kind == .onset && onset.quantity == .outcome && onset.outcome == kind && onset.at == 300)
    #expect(onset.place == (kind == .blocked ? .egress : nil))
    #expect(watch.open == [onset])
    let (after, healed) = changes(Stretch(count: 300), Stretch(count: 40, outcome: kind), Stretch(count: 60))
    #expect(after.map(\.kind) == [.onset, .recovery] && after.last?.at == 340 && healed.open.isEmpty)
  }

  @Test(arguments: 0...2)
  func aStepBehindAProbeOrTwoOfNoiseIsOneOfTheLevel(noisy: Int) throws {
    let (found, _) = changes(
      Stretch(count: 300, milliseconds: 0.04), Stretch(count: noisy, milliseconds: 0.4),
      Stretch(count: 40, milliseconds: 100))
    let onset = try #require(found.first)
    #expect(onset.quantity == .roundTrip && onset.at == Int64(300 + noisy))
  }

  /// As a loss of 40 % was seen to begin on real netem: of its first 24 probes three were lost.
  @Test func aLossBeginsWithItsFirstThoughItIsThinAtFirst() {
    let (found, _) = changes(
      Stretch(count: 320), Stretch(count: 1, outcome: .lost), Stretch(count: 9), Stretch(count: 1, outcome: .lost),
      Stretch(count: 7), Stretch(count: 1, outcome: .lost), Stretch(count: 5), Stretch(count: 4, outcome: .lost),
      Stretch(count: 2), Stretch(count: 4, outcome: .lost))
    #expect(found.map(\.at) == [320] && found.first?.quantity == .loss)
  }

  @Test func aLossDoesNotBeginWithOneThatWasLostLongBefore() {
    let (found, _) = changes(
      Stretch(count: 320), Stretch(count: 1, outcome: .lost), Stretch(count: 40), Stretch(count: 4, outcome: .lost),
      Stretch(count: 2), Stretch(count: 4, outcome: .lost))
    #expect(found.map(\.at) == [361])
  }

  /// Of a thousand losses of 40 %, those that are told to begin more than 15 probes too late, or too early.
  @Test(arguments: zip([0, 0.002, 0.01], [(late: 1, early: 0), (late: 1, early: 0), (late: 4, early: 7)]))
  func aLossBeginsWhereItDid(usual: Double, golden: (late: Int, early: Int)) {
    var late = 0
    var early = 0
    for seed in UInt64(1)...1000 {
      var generator = SeededGenerator(seed: seed)
      let stretches = (0..<430).map { number in
        Stretch(count: 1, outcome: generator.chance(number < 330 ? usual : 0.4) ? .lost : .open)
      }
      guard let onset = changes(stretches).found.first else { continue }
      if onset.at > 345 { late += 1 }
      if onset.at < 315 { early += 1 }
    }
    #expect(late == golden.late && early == golden.early, "\(late) late, \(early) early")
  }

  @Test func aPortThatIsClosedFromTheStartOnIsClosed() {
    let (found, watch) = changes(Stretch(count: 1000, outcome: .closed))
    #expect(found.isEmpty && !watch.isLearning)
  }

  @Test(arguments: 17...70) func ofAPortThatClosesSoonIsNotSaidThatNothingHasChanged(_ first: Int) {
    let (found, watch) = changes(Stretch(count: first), Stretch(count: 200, outcome: .closed))
    #expect(watch.isLearning || found.map(\.outcome) == [.closed] && watch.open == found)
    #expect(first < 30 || !watch.isLearning)
  }

  @Test func aPortThatOpensIsBetterAndOpenFromThenOn() throws {
    let (found, watch) = changes(
      Stretch(count: 100, outcome: .closed), Stretch(count: 100), Stretch(count: 40, outcome: .closed))
    #expect(found.map(\.outcome) == [.open, .closed] && found.map(\.isImprovement) == [true, false])
    #expect(watch.open == found.suffix(1))
  }

  @Test func aTargetThatIsDownAtFirstIsNotUsuallyDown() {
    let start = Stretch(count: 100, outcome: .lost)
    let (found, watch) = changes(start, Stretch(count: 400))
    #expect(found.isEmpty && watch.open.isEmpty && !watch.isLearning)
    let (later, _) = changes(start, Stretch(count: 400), Stretch(count: 20, outcome: .lost), Stretch(count: 60))
    #expect(later.map(\.kind) == [.onset, .recovery] && later.map(\.at) == [500, 520])
  }

  @Test func whatBecomesBetterNeedsNoEndAndIsWhatIsUsualThen() {
    let (found, watch) = changes(Stretch(count: 200, milliseconds: 50), Stretch(count: 300))
    #expect(found.map(\.kind) == [.onset] && found[0].isImprovement && watch.open.isEmpty)
    let (again, open) = changes(
      Stretch(count: 200, milliseconds: 50), Stretch(count: 300), Stretch(count: 20, milliseconds: 50))
    #expect(again.map(\.isImprovement) == [true, false] && open.open.count == 1)
  }

  @Test func aChangeThatChangesIsOverWithTheLast() throws {
    let (found, watch) = changes(
      Stretch(count: 300), Stretch(count: 200, milliseconds: 30), Stretch(count: 200, milliseconds: 65),
      Stretch(count: 100))
    #expect(found.map(\.kind) == [.onset, .onset, .recovery] && found.map(\.at) == [300, 500, 700])
    #expect(found.last?.onset == 300 && watch.open.isEmpty)
  }

  @Test func whatThisHostHadNoRoomForIsNoChange() {
    var watch = ChangeWatch()
    for number in 0..<600 {
      var sample = Sample(number < 300 ? .open : .blocked)
      sample.isOwnShortage = number >= 300
      sample.roundTrip = number < 300 ? 10_000_000 : nil
      #expect(watch.add(number, at: Int64(number), sample).isEmpty)
    }
  }

  @Test func memoryIsBoundedWhateverIsSuspected() {
    var generator = SeededGenerator(seed: 5)
    var watch = ChangeWatch()
    for number in 0..<100_000 {
      var sample = Sample(number % 4000 < 30 ? .lost : .open)
      if sample.isAnswer {
        sample.roundTrip = 10_000_000 + Int64(number) * 20 + generator.duration(upTo: .milliseconds(1)).nanoseconds
      }
      _ = watch.add(number, at: Int64(number), sample)
    }
    #expect(watch.kept < 40_000)
  }
}
