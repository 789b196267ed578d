import SynCore
import SynSystem
import Testing

@Suite struct WorkLoadTests {
  @Test(arguments: [(0, false), (700, false), (749, false), (760, true), (1_000, true)])
  func aThreadIsBusyThatWorksForMostOfASecond(_ milliseconds: Int, _ isHeavy: Bool) {
    let start = MonotonicInstant(nanoseconds: 5_000_000_000)
    var load = WorkLoad(at: start, worked: .seconds(3))
    let worked = Duration.seconds(3) + .milliseconds(milliseconds)
    let early = load.isHeavy(at: start.advanced(by: .milliseconds(999))) { .seconds(9) }
    let first = load.isHeavy(at: start.advanced(by: .seconds(1))) { worked }
    let second = load.isHeavy(at: start.advanced(by: .seconds(2))) { worked }
    #expect(!early && first == isHeavy && !second)
  }

  @Test func aThreadThatWaitsIsAtWorkForNoTime() {
    let before = SystemClock.work()
    Waiting.wait(for: [], until: SystemClock.now().advanced(by: .milliseconds(30)))
    #expect(SystemClock.work() - before < .milliseconds(20))
  }
}
