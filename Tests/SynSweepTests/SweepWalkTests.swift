import SynCore
import SynTesting
import SynWire
import Testing

@testable import SynSweep

/// Walks in simulated time: a millisecond between two looks.
@Suite struct SweepWalks {
  private static let wait = Duration.milliseconds(100)

  private static func space(_ text: String, ports: [UInt16] = [80]) throws -> SweepSpace {
    try #require(SweepSpace(AddressSet([try AddressSpan.parse(text)]), ports: ports))
  }

  /// When each endpoint was asked, and was settled without an answer, in milliseconds, if so many are asked in each.
  private struct Log {
    var asked: [Endpoint: [Int]] = [:]
    var unanswered: [Endpoint: Int] = [:]
    var order: [Endpoint] = []
    var over: Int?
    var mostStretches = 0

    init(
      _ walk: inout SweepWalk, _ spaces: [SweepSpace], perMillisecond: Int = 10, until: Int = 5_000,
      answers: (Endpoint, Int) -> Bool = { _, _ in false }
    ) {
      var left = spaces[...]
      for millisecond in 0..<until {
        let now = MonotonicInstant(nanoseconds: 1_000_000 * Int64(millisecond))
        var room = perMillisecond
        turn: while room > 0 {
          switch walk.next(at: now, hasAnswered: { answers($0, asked[$0, default: []].count) }) {
          case .ask(let endpoint, let isAgain):
            #expect(!isAgain || asked[endpoint] != nil)
            asked[endpoint, default: []].append(millisecond)
            order.append(endpoint)
            room -= 1
          case .unanswered(let endpoint): unanswered[endpoint] = millisecond
          case .more:
            if let next = left.popFirst() { walk.append(next) } else { walk.complete() }
          case .wait(let moment):
            #expect(moment > now)
            break turn
          case .over:
            over = millisecond
            return
          }
        }
        mostStretches = max(mostStretches, walk.stretchesKept)
      }
    }
  }

  @Test func whoseSynHasNotLeftIsNotSettled() throws {
    var walk = SweepWalk(seed: nil, retries: 0, wait: Self.wait, tellsUnanswered: true)
    walk.append(try Self.space("198.18.0.0/30"))
    walk.complete()
    func at(_ milliseconds: Int64) -> MonotonicInstant { MonotonicInstant(nanoseconds: 1_000_000 * milliseconds) }
    func next(_ milliseconds: Int64, allHaveLeft: Bool) -> SweepWalk.Step {
      walk.next(at: at(milliseconds), allHaveLeft: allHaveLeft) { _ in false }
    }
    var rounds: [[UInt64]] = []
    for _ in 0..<4 {
      guard case .ask = next(1, allHaveLeft: false) else { return #expect(Bool(false)) }
      rounds.append(walk.rounds)
    }
    guard case .wait = next(500, allHaveLeft: false) else { return #expect(Bool(false)) }
    #expect(walk.settled == 0)
    // The first two leave after half a second, the others later still.
    walk.haveLeft(rounds[1], at: at(500))
    guard case .unanswered = next(600, allHaveLeft: false), case .unanswered = next(600, allHaveLeft: false),
      case .wait = next(600, allHaveLeft: false)
    else { return #expect(Bool(false)) }
    #expect(walk.settled == 2)
    guard case .wait(let moment) = next(700, allHaveLeft: true) else { return #expect(Bool(false)) }
    #expect(moment == .distantFuture || moment >= at(800))
    guard case .unanswered = next(801, allHaveLeft: true), case .unanswered = next(801, allHaveLeft: true),
      case .over = next(801, allHaveLeft: true)
    else { return #expect(Bool(false)) }
  }

  @Test(arguments: [nil, 7] as [UInt64?])
  func eachIsAskedOnceAndSettledAWaitLater(_ seed: UInt64?) throws {
    var walk = SweepWalk(seed: seed, retries: 0, wait: Self.wait, tellsUnanswered: true)
    let spaces = [try Self.space("198.18.0.0/24"), try Self.space("2001:db8::/120", ports: [80, 443])]
    let log = Log(&walk, spaces) { endpoint, asked in asked > 0 && endpoint.address.bits % 2 == 0 }
    #expect(log.asked.count == 256 + 512 && log.asked.values.allSatisfy { $0.count == 1 })
    #expect(log.unanswered.count == 384)
    for (endpoint, settled) in log.unanswered {
      let waited = settled - log.asked[endpoint, default: [0]][0]
      #expect((100...103).contains(waited))
    }
    #expect(log.over.map { (177...180).contains($0) } == true)
    let inOrder = (0..<256).map { spaces[0].endpoint($0) } + (0..<512).map { spaces[1].endpoint($0) }
    #expect((log.order == inOrder) == (seed == nil))
    #expect(walk.settled == 768 && walk.asked == 768 && walk.known == 768)
  }

  @Test func whoDoesNotAnswerIsAskedAgainAWaitLater() throws {
    var walk = SweepWalk(seed: 1, retries: 2, wait: Self.wait, tellsUnanswered: true)
    // A third answers at once, a third the second SYN, a third never.
    let log = Log(&walk, [try Self.space("198.18.0.0/24")]) { endpoint, asked in
      let kind = endpoint.address.bits % 3
      return kind == 0 || kind == 1 && asked == 2
    }
    for (endpoint, times) in log.asked {
      #expect(times.count == [1, 2, 3][Int(endpoint.address.bits % 3)])
      for (one, next) in zip(times, times.dropFirst()) { #expect((100...130).contains(next - one)) }
    }
    #expect(log.asked.count == 256)
    #expect(Set(log.unanswered.keys) == Set(log.asked.keys.filter { $0.address.bits % 3 == 2 }))
  }

  /// What an earlier walk had not settled is asked, and nothing else.
  @Test(arguments: [20, 60, 120, 300])
  func anotherWalkGoesOnWhereOneWasSettled(_ until: Int) throws {
    let spaces = [try Self.space("198.18.0.0/23"), try Self.space("198.18.4.0/23"), try Self.space("198.18.8.0/23")]
    var first = SweepWalk(seed: 9, retries: 1, wait: Self.wait, tellsUnanswered: false)
    let before = Log(&first, spaces, until: until)
    var second = SweepWalk(seed: 9, retries: 1, wait: Self.wait, tellsUnanswered: false, settled: first.settled)
    let after = Log(&second, spaces)
    #expect(Set(before.asked.keys).union(after.asked.keys).count == 3 * 512)
    #expect(after.asked.count == 3 * 512 - Int(first.settled))
    let twice = Set(before.asked.keys).intersection(after.asked.keys)
    #expect(twice.count == Int(first.asked - first.settled))
    // In flight are those of two waits.
    #expect(twice.count <= 2 * 100 * 10 + 40)
    #expect(after.over != nil)
  }

  @Test func nothingIsToldOfThemWhereThatIsNotWanted() throws {
    var walk = SweepWalk(seed: nil, retries: 0, wait: Self.wait, tellsUnanswered: false)
    let log = Log(&walk, [try Self.space("198.18.0.0/28")])
    #expect(log.unanswered.isEmpty && log.over.map { (101...106).contains($0) } == true)
  }

  /// Who answered is not asked because a later list has it, too.
  @Test func whoIsGivenTwiceIsAskedOnceIfItAnswered() throws {
    var walk = SweepWalk(seed: nil, retries: 0, wait: Self.wait, tellsUnanswered: true)
    let space = try Self.space("198.18.0.0/28")
    let log = Log(&walk, [space, space], perMillisecond: 1) { endpoint, asked in
      asked > 0 && endpoint.address.bits % 2 == 0
    }
    #expect(walk.repeated == 8 && log.order.count == 24)
    #expect(log.unanswered.count == 8)
  }

  /// What is due is settled though nothing may be asked.
  @Test func whoMayNotAskSettlesAllTheSame() throws {
    var walk = SweepWalk(seed: nil, retries: 1, wait: Self.wait, tellsUnanswered: true)
    walk.append(try Self.space("198.18.0.1"))
    walk.complete()
    func step(_ millisecond: Int64, mayAsk: Bool) -> SweepWalk.Step {
      walk.next(at: MonotonicInstant(nanoseconds: millisecond * 1_000_000), mayAsk: mayAsk) { _ in false }
    }
    let target = Endpoint(address: IPAddress(v4: 0xc612_0001), port: 80)
    #expect(step(0, mayAsk: false) == .wait(until: .distantFuture))
    #expect(step(0, mayAsk: true) == .ask(target, isAgain: false))
    #expect(step(1, mayAsk: true) == .wait(until: MonotonicInstant(nanoseconds: 101_000_000)))
    #expect(step(101, mayAsk: false) != .over)
    #expect(step(102, mayAsk: true) == .ask(target, isAgain: true))
    #expect(step(103, mayAsk: false) == .wait(until: MonotonicInstant(nanoseconds: 203_000_000)))
    #expect(step(203, mayAsk: false) == .unanswered(target))
    #expect(step(203, mayAsk: false) == .over)
  }

  @Test func aWalkOfNothingIsOver() {
    var walk = SweepWalk(seed: nil, retries: 3, wait: Self.wait, tellsUnanswered: true)
    let log = Log(&walk, [])
    #expect(log.over == 0 && log.order.isEmpty)
  }

  /// A thousand stretches, most of them settled: what is settled is not kept.
  @Test func stretchesAreLetGo() throws {
    var walk = SweepWalk(seed: 4, retries: 0, wait: Self.wait, tellsUnanswered: false)
    let spaces = try (0..<1_000).map { try Self.space("198.18.\($0 / 250).\($0 % 250)") }
    let log = Log(&walk, spaces, perMillisecond: 1)
    #expect(log.asked.count == 1_000 && log.over.map { (1_098...1_105).contains($0) } == true)
    #expect((100...105).contains(log.mostStretches))
  }
}

@Suite struct RouteCellTests {
  /// Two addresses of one cell are in the same prefixes.
  @Test func aCellLiesInNoPrefixByHalves() {
    var generator = SeededGenerator(seed: 8)
    let prefixes = (0..<60).compactMap { _ in
      AddressPrefix(
        containing: IPAddress(v4: UInt32(truncatingIfNeeded: generator.next())), length: Int(generator.next() % 33))
    }
    let cells = RouteCells(prefixes)
    var members: [Int: [Bool]] = [:]
    for number in 0..<4_000 {
      // Half of them at an end of a prefix, where it matters.
      let base = prefixes[number % prefixes.count].base.bits
      let bits =
        number % 2 == 0 ? UInt32(truncatingIfNeeded: base) &- UInt32(number % 3) : UInt32(generator.next() >> 32)
      let address = IPAddress(v4: bits)
      let inside = prefixes.map { $0.contains(address) }
      let cell = cells.cell(of: address)
      #expect(members[cell] == nil || members[cell] == inside)
      members[cell] = inside
    }
    #expect(members.count > 60)
    #expect(members[cells.cell(of: IPAddress(v6: 1))] == nil, "the other family has cells of its own")
  }

  @Test func spansAreCutWherePrefixesBeginAndEnd() throws {
    let set = AddressSet([try AddressSpan.parse("198.18.0.0-198.18.0.255"), try AddressSpan.parse("2001:db8::/126")])
    let prefixes = [
      "198.18.0.64/26", "198.18.0.64/27", "198.18.0.250/32", "0.0.0.0/0", "2001:db8::2/127", "10.0.0.0/8",
    ]
    let pieces = set.cut(at: prefixes.compactMap { AddressPrefix($0) })
    let ends = pieces.map { ($0.firstAddress.description, Int($0.count)) }
    let expected = [
      ("198.18.0.0", 64), ("198.18.0.64", 32), ("198.18.0.96", 32), ("198.18.0.128", 122), ("198.18.0.250", 1),
      ("198.18.0.251", 5), ("2001:db8::", 2), ("2001:db8::2", 2),
    ]
    #expect(ends.elementsEqual(expected) { $0 == $1 })
  }

  @Test func withoutPrefixesEachFamilyIsOneCell() {
    let cells = RouteCells([])
    #expect(cells.cell(of: IPAddress(v4: 0)) == cells.cell(of: IPAddress(v4: .max)))
    #expect(cells.cell(of: IPAddress(v4: 0)) != cells.cell(of: IPAddress(v6: 0)))
    let whole = RouteCells([AddressPrefix("::/0"), AddressPrefix("0.0.0.0/0")].compactMap { $0 })
    #expect(whole.cell(of: IPAddress(v6: 0)) == whole.cell(of: IPAddress(v6: .max)))
  }
}
