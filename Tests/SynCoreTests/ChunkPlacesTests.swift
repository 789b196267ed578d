import SynTesting
import Testing

@testable import SynCore

@Suite struct ChunkPlacesTests {
  @Test(arguments: UInt64(1)...8) func aPlaceIsThatWhichWasSetLast(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var places = ChunkPlaces()
    var expected: [UInt64: Int] = [:]
    var set: [UInt64] = []
    var newest = UInt64(seed) << 40
    for step in 0..<20_000 {
      newest += UInt64.random(in: 0..<200, using: &generator)
      // Mostly the newest, now and then one of long before, that may come back after all near it have gone.
      let age = generator.chance(0.1) ? UInt64.random(in: 0..<2_000_000, using: &generator) : UInt64(step % 7)
      let number = newest - age
      places[number] = step
      expected[number] = step
      set.append(number)
      if set.count > 500 {
        let some = set.remove(at: Int.random(in: 0..<set.count, using: &generator))
        places[some] = nil
        expected[some] = nil
      }
      #expect(places[number] == expected[number] && places[number + 1] == expected[number + 1])
    }
    for (number, place) in expected { #expect(places[number] == place) }
    for number in expected.keys { places[number] = nil }
    for number in expected.keys { #expect(places[number] == nil) }
    places[3] = 5
    #expect(places[3] == 5 && places[2] == nil && places[.max] == nil)
  }
}
