import SynCore
import Testing

@testable import SynIO

struct CompanionsTests {
  /// A service of thousands of requests a second is at the last of these after years.
  @Test(arguments: [0, 1, 1 << 26, 1 << 30, 1 << 31, 1 << 32, 1 << 57] as [UInt64])
  func theCompanionsOfASeriesKnowWhoseTheyAre(_ number: UInt64) {
    let asked = SeriesID(number)
    #expect(asked.asked == asked && !asked.isWitness && !asked.isSibling && !asked.isTrain)
    #expect(asked.witness.asked == asked && asked.witness.isWitness)
    #expect(asked.train.asked == asked && asked.train.isTrain)
    let siblings = (0..<SeriesID.mostSiblings).map(asked.sibling)
    #expect(Set(siblings).count == SeriesID.mostSiblings)
    #expect(siblings.allSatisfy { $0.isSibling && $0.asked == asked })
  }
}
