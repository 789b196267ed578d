import NIOCore
import SynCore
import SynEdge
import SynProbe
import SynWire
import Testing

@testable import SynHTTP

/// What is written to readers of a stream, and what is kept for those who come back.
@Suite struct Streams {
  private static let start = MonotonicInstant(nanoseconds: 1_000_000_000)

  private func text(_ buffer: ByteBuffer?) -> String? { buffer.map { String(buffer: $0) } }

  @Test func aReaderIsToldWhatItMissedFirstAndThenWhatComes() async {
    let reader = StreamReader(judge: nil, backlog: [ByteBuffer(string: "a"), ByteBuffer(string: "b")])
    _ = reader.put(ByteBuffer(string: "c"))
    #expect(text(await reader.next()) == "ab")
    #expect(text(await reader.next()) == "c")
    reader.end()
    #expect(await reader.next() == nil)
  }

  @Test func whoDoesNotReadMissesTheOldestAndIsLeftAtLast() async {
    let reader = StreamReader(judge: nil, backlog: [])
    for number in 0..<StreamReader.mostWaiting + 10 { #expect(reader.put(ByteBuffer(string: "\(number) "))) }
    let first = text(await reader.next())
    #expect(first?.hasPrefix(": 10 events were left out: they were not read in time\n\n10 11 ") == true)
    #expect(reader.missed == 10)
    var isReading = true
    for _ in 0..<10_000 where isReading { isReading = reader.put(ByteBuffer(string: "x")) }
    #expect(!isReading)
  }

  @Test func aReaderThatWaitsIsWokenByAnEventAndByTheEnd() async {
    let reader = StreamReader(judge: nil, backlog: [])
    async let piece = reader.next()
    try? await Task.sleep(for: .milliseconds(20))
    _ = reader.put(ByteBuffer(string: "x"))
    #expect(text(await piece) == "x")
    async let nothing = reader.next()
    try? await Task.sleep(for: .milliseconds(20))
    reader.end()
    #expect(await nothing == nil)
  }

  @Test func whatFollowedAnEventIsKeptForAMinute() {
    var history = LiveHistory()
    var ids: [String] = []
    for number in 0..<100 {
      ids.append(history.nextID)
      history.add(ByteBuffer(string: "\(number)"), at: Self.start.advanced(by: .seconds(number)))
    }
    let now = Self.start.advanced(by: .seconds(99))
    #expect(history.after(ids[97], at: now).map { String(buffer: $0) } == ["98", "99"])
    #expect(history.after(ids[99], at: now).isEmpty)
    let late = history.after(ids[9], at: now).map { String(buffer: $0) }
    #expect(late.first == ": 29 events are gone: they are kept for a minute at most\n\n" && late.count == 62)
    for id in ["", "nobody-1", "\(history.epoch)-", "\(history.epoch)-x", "\(history.epoch)-99999999999999999999"] {
      #expect(history.after(id, at: now).isEmpty)
    }
    #expect(history.after("\(history.epoch)-\(Int.max - 1)", at: now).isEmpty)
  }

  @Test func aRateWithoutAnEndIsReservedAndGivenBack() throws {
    let budget = ProbeBudget()
    var limits = ServiceLimits()
    (limits.probesPerSecond, limits.probesPerSecondPerAddress) = (150, 100)
    let (one, other) = (IPAddress(v4: 0xc000_0201), IPAddress(v4: 0xc000_0202))
    try budget.reserve(80, to: one, limits)
    #expect(throws: Problem.self) { try budget.reserve(30, to: one, limits) }
    try budget.reserve(70, to: other, limits)
    #expect(throws: Problem.self) { try budget.reserve(10, to: one, limits) }
    budget.release(70, of: other)
    try budget.reserve(20, to: one, limits)
    budget.release(80, of: one)
    budget.release(20, of: one)
    try budget.reserve(100, to: one, limits)
  }
}
