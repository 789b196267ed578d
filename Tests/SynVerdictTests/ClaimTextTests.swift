import SynVerdict
import Testing

@Suite struct ClaimTexts {
  @Test(
    arguments: [
      ("90ms..110ms", 90_000_000, 110_000_000, "90ms..110ms"), ("..200ms", nil, 200_000_000, "..200ms"),
      ("50ms..", 50_000_000, nil, "50ms.."), ("100ms+-10ms", 90_000_000, 110_000_000, "90ms..110ms"),
      ("100ms+-10%", 90_000_000, 110_000_000, "90ms..110ms"), ("100ms±10%", 90_000_000, 110_000_000, "90ms..110ms"),
      ("0ms..5ms", 0, 5_000_000, "0ms..5ms"), ("1.5s..2m", 1_500_000_000, 120_000_000_000, "1.5s..120s"),
      ("5ms+-10ms", 0, 15_000_000, "0ms..15ms"),
    ] as [(String, Int64?, Int64?, String)])
  func aRangeOfDurationsIsRead(_ text: String, _ lower: Int64?, _ upper: Int64?, _ written: String) throws {
    let range = try ClaimedRange<Int64>.durations(text)
    #expect(range == ClaimedRange(lower: lower, upper: upper))
    #expect(range.text == written)
    #expect(try ClaimedRange<Int64>.durations(written) == range, "what is written is read again")
  }

  @Test(
    arguments: [
      ("4%..6%", 0.04, 0.06, "4%..6%"), ("5%+-2%", 0.03, 0.07, "3%..7%"), ("..1%", nil, 0.01, "..1%"),
      ("50%..", 0.5, nil, "50%.."), ("5%±2%", 0.03, 0.07, "3%..7%"), ("0.5%..1.25%", 0.005, 0.0125, "0.5%..1.25%"),
      ("100%..", 1, nil, "100%.."), ("99%+-5%", 0.94, 1, "94%..100%"), ("0%..0%", 0, 0, "0%..0%"),
    ] as [(String, Double?, Double?, String)])
  func aRangeOfPercentagesIsRead(_ text: String, _ lower: Double?, _ upper: Double?, _ written: String) throws {
    let range = try ClaimedRange<Double>.percentages(text)
    #expect(abs((range.lower ?? -1) - (lower ?? -1)) < 1e-12 && abs((range.upper ?? -1) - (upper ?? -1)) < 1e-12)
    #expect(range.text == written)
  }

  @Test(arguments: [
    "", "..", "+-", "100ms", "90..110", "90ms..110", "110ms..90ms", "a..b", "-5ms..5ms", "100ms+-", "+-5ms",
    "100ms+-101%", "1e3ms..2s", "90ms...110ms", "99999999999999999999s..", "90ms..110ms ", "NaN..", "..inf",
  ])
  func whatIsNoRangeOfDurationsIsRefused(_ text: String) {
    #expect(throws: ClaimError.self) { try ClaimedRange<Int64>.durations(text) }
  }

  @Test(arguments: [
    "", "..", "5%", "4..6", "6%..4%", "101%..", "-1%..2%", "5%+-2", "5%+-2ms", "%..%", "1e1%..", "0x5%..", ".5%..",
  ])
  func whatIsNoRangeOfPercentagesIsRefused(_ text: String) {
    #expect(throws: ClaimError.self) { try ClaimedRange<Double>.percentages(text) }
  }

  @Test func aShiftMayBeNegativeAndARoundTripMayNot() throws {
    let shift = try ClaimedRange<Int64>.durations("-5ms..5ms", allowsNegative: true)
    #expect(shift == ClaimedRange(lower: -5_000_000, upper: 5_000_000) && shift.text == "-5ms..5ms")
    #expect(try ClaimedRange<Int64>.durations("0ms+-2ms", allowsNegative: true).text == "-2ms..2ms")
    #expect(throws: ClaimError.self) { try Claim.parse("rtt", "-5ms..5ms") }
    #expect(try Claim.parse("added", "-5ms..5ms").expected == "-5ms..5ms")
  }

  @Test func eachWordIsAClaim() throws {
    for name in Claim.names {
      let value =
        switch name {
        case "rtt", "rtt-p99", "added", "added-forward", "added-back", "jitter": "1ms..2ms"
        case "loss", "duplicate", "corrupt", "reorder": "1%..2%"
        case "rate": "1mbit..2mbit"
        case "where": "ingress"
        default: "true"
        }
      #expect(try Claim.parse(name, value).name == name)
    }
    #expect(throws: ClaimError.self) { try Claim.parse("latency", "1ms..2ms") }
    #expect(throws: ClaimError.self) { try Claim.parse("partition", "yes") }
    #expect(throws: ClaimError.self) { try Claim.parse("where", "here") }
  }
}
