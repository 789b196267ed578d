import Testing

@testable import SynIO

/// Source ports that the kernel keeps: a row of them, beside others who have taken theirs.
@Suite struct PortReservationsInRows {
  @Test func aRowIsBesideThePortsThatAreTakenOneByOne() throws {
    var scattered = PortReservations()
    for _ in 0..<1_024 { _ = scattered.reserve() }
    let row = try PortReservations(row: 64)
    #expect(row.block.count == 64 && !row.block.overlaps(scattered.block))
    let isHeld = row.block.allSatisfy { row.holds($0) }
    #expect(isHeld)
  }
}
