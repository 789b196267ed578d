import SynTesting
import SynWire
import Testing

@testable import SynSweep

@Suite struct AddressSpans {
  @Test(
    arguments: [
      ("192.0.2.7", "192.0.2.7", "192.0.2.7"), ("192.0.2.0/30", "192.0.2.0", "192.0.2.3"),
      ("192.0.2.9-192.0.3.1", "192.0.2.9", "192.0.3.1"), ("0.0.0.0/0", "0.0.0.0", "255.255.255.255"),
      ("::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), ("2001:db8::8/125", "2001:db8::8", "2001:db8::f"),
      ("2001:db8::1-2001:db8::1", "2001:db8::1", "2001:db8::1"),
    ])
  func isReadFromWhatPeopleWrite(_ text: String, _ first: String, _ last: String) throws {
    let span = try AddressSpan.parse(text)
    #expect("\(span.address(0))" == first)
    #expect("\(span.address(span.last - span.first))" == last)
  }

  @Test(
    arguments: [
      ("192.0.2.1/24", "192.0.2.0/24"), ("192.0.2.1-", "FIRST-LAST"), ("192.0.2.9-192.0.2.1", "above"),
      ("192.0.2.1-::1", "family"), ("web", "no address"), ("192.0.2.0/33", "no address"), ("", "no address"),
      ("1.2.3.4-5.6.7.8-9.9.9.9", "FIRST-LAST"), ("192.0.2.1/-1", "FIRST-LAST"), ("fe80::1%eth0", "no address"),
    ])
  func whatIsWrongIsSaid(_ text: String, _ words: String) {
    let error = #expect(throws: AddressSpan.ParseError.self) { try AddressSpan.parse(text) }
    #expect(error?.description.contains(words) == true, "\(String(describing: error))")
  }

  /// Against a list of which each address is in or out.
  @Test func setsAreWhatTheyWouldBeAsLists() throws {
    for seed in 0..<200 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed)
      func spans() -> [AddressSpan] {
        (0..<6).map { _ in
          let family: IPAddress.Family = generator.chance(0.5) ? .v4 : .v6
          let edge: UInt128 = family == .v4 ? 0xffff_ffe0 : .max - 31
          let base = generator.chance(0.5) ? 0 : edge
          let first = UInt128(generator.next() % 32)
          let last = min(first + UInt128(generator.next() % 9), 31)
          return AddressSpan(family, base + first, base + last)
        }
      }
      let (one, other) = (spans(), spans())
      let rest = AddressSet(one).subtracting(AddressSet(other))
      let all = AddressSet(one)
      var count: UInt128 = 0
      var wrong: [IPAddress] = []
      for family in [IPAddress.Family.v4, .v6] {
        for base in [0, family == .v4 ? 0xffff_ffe0 : UInt128.max - 31] {
          for offset in 0..<32 as Range<UInt128> {
            let address = IPAddress(family, bits: base + offset)
            let isIn = { (list: [AddressSpan]) in
              list.contains { $0.family == family && $0.first <= address.bits && address.bits <= $0.last }
            }
            let isLeft = isIn(one) && !isIn(other)
            if all.contains(address) != isIn(one) || rest.contains(address) != isLeft { wrong.append(address) }
            if isLeft { count += 1 }
          }
        }
      }
      #expect(wrong.isEmpty && rest.count == count, "seed \(seed)")
    }
  }

  @Test(
    arguments: [
      ("8.8.8.8", false), ("10.1.2.3", false), ("100.64.0.1", false), ("192.0.2.1", false), ("198.18.0.1", false),
      ("2001:db8::1", false), ("2001:2::1", false), ("fc00::1", false), ("3fff::1", false), ("2606:4700::1", false),
      ("127.0.0.1", true), ("169.254.169.254", true), ("224.0.0.1", true), ("255.255.255.255", true), ("0.0.0.0", true),
      ("192.0.0.8", true), ("::", true), ("::1", true), ("::ffff:8.8.8.8", true), ("64:ff9b::1", true),
      ("fe80::1", true),
      ("ff02::1", true), ("2002::1", true), ("2001::1", true), ("100::1", true),
    ] as [(String, Bool)])
  func specialPurposeIsLeftOut(_ text: String, _ isLeftOut: Bool) throws {
    #expect(SpecialAddresses.leftOut.contains(try #require(IPAddress(text))) == isLeftOut)
  }
}

@Suite struct SweepSpaces {
  @Test func everyEndpointHasOneNumber() throws {
    let addresses = AddressSet(
      [
        try AddressSpan.parse("192.0.2.1-192.0.2.3"), try AddressSpan.parse("192.0.2.3-192.0.2.4"),
        try AddressSpan.parse("198.51.100.0/31"), try AddressSpan.parse("2001:db8::/127"),
      ])
    let space = try #require(SweepSpace(addresses, ports: [80, 443, 80]))
    #expect(space.count == 16)
    let all = (0..<space.count).map(space.endpoint)
    #expect(Set(all).count == 16)
    #expect("\(all[0])" == "192.0.2.1:80" && "\(all[1])" == "192.0.2.1:443" && "\(all[8])" == "198.51.100.0:80")
    #expect("\(all[15])" == "[2001:db8::1]:443")
  }

  @Test func moreThanTheMostIsRefused() throws {
    #expect(SweepSpace(AddressSet([try AddressSpan.parse("2001:db8::/64")]), ports: [80]) == nil)
    #expect(SweepSpace(AddressSet([try AddressSpan.parse("0.0.0.0/0")]), ports: Array(1...65_535)) != nil)
    #expect(SweepSpace(AddressSet([try AddressSpan.parse("::/0")]), ports: [80]) == nil)
    #expect(SweepSpace(AddressSet([]), ports: [80])?.count == 0)
  }

  @Test(arguments: [1, 2, 3, 4, 5, 10, 100, 255, 256, 257, 1_000, 65_535, 65_536, 65_537, 100_003] as [UInt64])
  func aRandomOrderHasEachNumberOnce(_ count: UInt64) {
    for seed in 0..<3 as Range<UInt64> {
      let order = SweepOrder.random(of: count, seed: seed)
      var seen = Set<UInt64>()
      for turn in 0..<count { seen.insert(order.number(turn)) }
      #expect(seen.count == Int(count) && seen.max() == count - 1)
    }
  }

  /// Of numbers that are neighbours in turn hardly any are neighbours in fact, and each seed has an order of its own.
  @Test func aRandomOrderLooksRandom() {
    let order = SweepOrder.random(of: 65_536, seed: 7)
    let numbers = (0..<65_536 as Range<UInt64>).map(order.number)
    let near = zip(numbers, numbers.dropFirst()).count { abs(Int64($0) - Int64($1)) < 256 }
    #expect(near < 700, "512 in the mean")
    let halves = zip(numbers, numbers.dropFirst()).count { ($0 < 32_768) == ($1 < 32_768) }
    #expect((32_000...33_600).contains(halves))
    let other = SweepOrder.random(of: 65_536, seed: 8)
    #expect((0..<65_536).count { other.number($0) == numbers[Int($0)] } < 10)
  }

  @Test func theLargestSpaceIsOrderedToo() {
    let order = SweepOrder.random(of: SweepSpace.most, seed: 1)
    let numbers = (0..<1_000 as Range<UInt64>).map { order.number(SweepSpace.most - 1 - $0) }
    #expect(Set(numbers).count == 1_000 && numbers.allSatisfy { $0 < SweepSpace.most })
    #expect(SweepOrder.linear.number(5) == 5)
  }
}

@Suite struct SweepWords {
  @Test(
    arguments: [
      ("192.0.2.1", "192.0.2.1"), ("  192.0.2.0/24 # the lab", "192.0.2.0"), ("\t2001:db8::1\r", "2001:db8::1"),
      ("", nil), ("   ", nil), ("# 192.0.2.1", nil),
    ] as [(String, String?)])
  func aLineNamesAddressesOrNothing(_ line: String, _ first: String?) throws {
    #expect(try TargetLine.parse(line).map { "\($0.address(0))" } == first)
  }

  @Test(arguments: ["192.0.2.1 192.0.2.2", "web", "192.0.2.1/24"])
  func aLineThatNamesNoneIsRefused(_ line: String) {
    #expect(throws: AddressSpan.ParseError.self) { try TargetLine.parse(line) }
  }
}
