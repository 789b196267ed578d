import SynCore
import SynTesting
import Testing

@Suite struct WaitedShares {
  private func share(_ ends: [(Int, Bool?)]) -> WaitedShare {
    var share = WaitedShare()
    for (sequence, isHit) in ends { share.add(sequence, isHit) }
    return share
  }

  @Test func whatWasCutShortIsInNoRatio() {
    let share = share((0..<47).map { ($0, true) } + (47..<147).map { ($0, nil) })
    #expect(share.ratio == 1)
    #expect(share.count == 47)
  }

  @Test func quickAnswersToWhatWasSentAfterTheFirstCutProbeDoNotCount() {
    // 0 and 3 are lost, which takes long to know; 6 and 8 would be, and were cut.
    let share = share([
      (1, false), (2, false), (4, false), (5, false), (0, true), (7, false), (9, false), (3, true), (6, nil), (8, nil),
    ])
    #expect(share.count == 6)
    #expect(share.hits == 2)
  }

  @Test func aRunThatWasNotCutCountsAllInWhateverOrderTheyEnd() {
    for seed in 0..<20 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed)
      let ends = (0..<500).map { ($0, generator.chance(0.2)) }.shuffled(using: &generator)
      let share = share(ends.map { ($0.0, $0.1) })
      #expect(share.count == 500)
      #expect(share.hits == ends.count { $0.1 })
    }
  }

  @Test func aCutRunIsNotBiasedByWhatIsQuickToKnow() {
    // Every fifth probe is lost, which is known after 200 more were sent; the run is cut after 300.
    var share = WaitedShare()
    for now in 0..<300 {
      if now >= 200, (now - 200).isMultiple(of: 5) { share.add(now - 200, true) }
      if !now.isMultiple(of: 5) { share.add(now, false) }
    }
    for sequence in stride(from: 100, to: 300, by: 5) { share.add(sequence, nil) }
    #expect(share.ratio == 0.2)
    #expect(share.count == 100)
  }

  @Test func nothingIsNoRatio() {
    #expect(WaitedShare().ratio == nil)
    #expect(share([(0, nil), (1, false)]).ratio == nil)
  }
}
