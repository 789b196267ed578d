import SynCore
import SynTesting
import SynWire
import Synchronization
import Testing

@testable import SynEdge
@testable import SynHTTP

@Suite struct Limits {
  private static func at(_ milliseconds: Int64) -> MonotonicInstant {
    MonotonicInstant(nanoseconds: 5_000_000_000 + milliseconds * 1_000_000)
  }

  @Test func aBucketLetsABurstThroughAndThenItsRate() {
    var bucket = TokenBucket(rate: 10, burst: 3, at: Self.at(0))
    #expect((0..<3).allSatisfy { _ in bucket.take(at: Self.at(0)) == nil })
    #expect(bucket.take(at: Self.at(0)) == .milliseconds(100))
    #expect(bucket.take(at: Self.at(60)) == .milliseconds(40))
    #expect(bucket.take(at: Self.at(100)) == nil)
    #expect(!bucket.isFull(at: Self.at(300)))
    #expect(bucket.isFull(at: Self.at(400)))
  }

  @Test func aBucketNeverLetsMoreThroughThanItsRateAndBurst() {
    var generator = SeededGenerator(seed: 7)
    var bucket = TokenBucket(rate: 50, burst: 10, at: Self.at(0))
    var time: Int64 = 0
    var passed = 0
    for _ in 0..<10_000 {
      time += Int64.random(in: 0...8, using: &generator)
      if bucket.take(at: Self.at(time)) == nil { passed += 1 }
    }
    #expect(Double(passed) <= Double(time) / 1000 * 50 + 10)
    #expect(Double(passed) >= Double(time) / 1000 * 50 - 1)
  }

  @Test func aBudgetKnowsTheTargetsOfItsWindow() {
    let target = { (port: UInt16) in Endpoint(address: IPAddress(v4: 0xc000_0201), port: port) }
    var budget = TargetBudget(most: 2, window: .seconds(60), at: Self.at(0))
    #expect(budget.take(target(1), at: Self.at(0)) == nil)
    #expect(budget.take(target(2), at: Self.at(1)) == nil)
    #expect(budget.take(target(1), at: Self.at(2)) == nil)
    #expect(budget.take(target(3), at: Self.at(10_000)) == .seconds(50))
    #expect(budget.take(target(3), at: Self.at(60_000)) == nil)
  }

  private static var strict: ServiceLimits {
    var limits = ServiceLimits()
    limits.requestsPerSecond = 1
    limits.targetsPerMinute = 1
    return limits
  }

  private static func isRefused(_ clients: ClientLimits, _ address: IPAddress, _ limits: ServiceLimits) -> Bool {
    do throws(ClientLimits.Refusal) {
      try clients.request(from: address, limits, at: at(0))
      return false
    } catch { return error.retryAfter > .zero }
  }

  @Test func oneClientDoesNotSpendWhatIsAnothers() throws {
    let clients = ClientLimits()
    let first = IPAddress(v4: 0xc000_0201)
    #expect(!Self.isRefused(clients, first, Self.strict))
    #expect(!Self.isRefused(clients, first, Self.strict))
    #expect(Self.isRefused(clients, first, Self.strict))
    #expect(!Self.isRefused(clients, IPAddress(v4: 0xc000_0202), Self.strict))
  }

  @Test func aClientOfIPv6IsItsNetwork() throws {
    let clients = ClientLimits()
    let network = try #require(IPAddress("2001:db8:1:2::"))
    for host in 1...2 {
      #expect(!Self.isRefused(clients, IPAddress(v6: network.bits + UInt128(host)), Self.strict))
    }
    #expect(Self.isRefused(clients, IPAddress(v6: network.bits + 77), Self.strict))
    #expect(!Self.isRefused(clients, IPAddress(v6: network.bits + 1 << 64), Self.strict))
  }

  @Test func manyClientsNeedBoundedMemoryAndAreStillCounted() {
    let clients = ClientLimits()
    for number in 0..<10_000 { _ = Self.isRefused(clients, IPAddress(v4: 0x0a00_0000 + UInt32(number)), Self.strict) }
    let newcomers = (0..<5).map { Self.isRefused(clients, IPAddress(v4: 0x0b00_0000 + $0), Self.strict) }
    #expect(newcomers == [false, false, true, true, true])
  }

  @Test func clientsOnThisHostAreCountedOnlyWhereALimitIsSet() {
    let clients = ClientLimits()
    let loopback = IPAddress(v4: 0x7f00_0001)
    #expect((0..<10).allSatisfy { _ in !Self.isRefused(clients, loopback, Self.strict) })
    var limits = Self.strict
    limits.concernsLoopback = true
    #expect((0..<10).map { _ in Self.isRefused(clients, loopback, limits) }.count { $0 } == 8)
  }

  @Test func anAddressIsProbedNoMoreThanItsShareWhoeverAsks() {
    var limits = ServiceLimits()
    limits.probesPerSecondPerAddress = 10
    limits.probesPerSecond = 15
    let budget = ProbeBudget()
    let isTaken = { (count: Int, host: UInt32, time: Int64) in
      (try? budget.take(count, to: IPAddress(v4: 0xc000_0200 + host), limits, at: Self.at(time))) != nil
    }
    #expect([isTaken(6, 1, 0), isTaken(6, 1, 0), isTaken(4, 1, 0), isTaken(1, 1, 0)] == [true, false, true, false])
    #expect(!isTaken(6, 2, 0), "the bound of all targets together")
    #expect(isTaken(5, 2, 0))
    #expect(isTaken(10, 1, 1000))
    #expect(isTaken(25, 3, 10_000), "more than a burst, from a full bucket")
    #expect(!isTaken(1, 3, 11_000), "and owed")
    #expect(isTaken(1, 3, 11_700))
  }

  @Test func whatASeriesSentBeyondItsChargeIsOwed() {
    var limits = ServiceLimits()
    limits.probesPerSecondPerAddress = 10
    limits.probesPerSecond = 15
    let budget = ProbeBudget()
    let target = IPAddress(v4: 0xc000_0201)
    let isTaken = { (time: Int64) in (try? budget.take(1, to: target, limits, at: Self.at(time))) != nil }
    #expect(isTaken(0))
    budget.owe(19, to: target, limits, at: Self.at(0))
    budget.owe(0, to: target, limits, at: Self.at(0))
    #expect([isTaken(0), isTaken(1000), isTaken(1200)] == [false, false, true])
  }

  @Test func aSlotIsGivenBackAndAllEndTogether() throws {
    let slots = ProbeSlots()
    let first = try slots.take(2)
    _ = try slots.take(2)
    #expect(throws: Problem.self) { try slots.take(2) }
    slots.release(first)
    let third = try slots.take(2)
    final class Flag: Sendable {
      let ended = Mutex(0)
    }
    let flag = Flag()
    slots.onEnd(third) { flag.ended.withLock { $0 += 1 } }
    slots.end()
    #expect(flag.ended.withLock { $0 } == 1)
    #expect { try slots.take(2) } throws: { ($0 as? Problem)?.kind == .shuttingDown }
  }
}

@Suite struct LogLines {
  @Test(
    arguments: [
      ("plain", "plain"), ("a\"b\\c", #"a\"b\\c"#), ("\"\u{308}", "\\\"\u{308}"), ("\n\u{1b}[2J", #"\\u{a}\\u{1b}[2J"#),
      ("\u{202e}x", #"\\u{202e}x"#), ("é", "é"),
    ])
  func aTextCannotLeaveItsString(_ text: String, _ written: String) {
    var line = LogLine("info", "test", at: "now")
    line.add("key", text)
    #expect(line.line == #"{"time":"now","level":"info","event":"test","key":""# + written + "\"}\n")
  }
}
