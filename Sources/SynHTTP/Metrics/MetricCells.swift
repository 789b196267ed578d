internal import Metrics
internal import Synchronization

/// One number that goes up, or up and down.
final class Number: CounterHandler, MeterHandler, RecorderHandler {
  private let cell = Mutex(0.0)

  var value: Double { cell.withLock { $0 } }

  func increment(by amount: Int64) { cell.withLock { $0 += Double(amount) } }
  func increment(by amount: Double) { cell.withLock { $0 += amount } }
  func decrement(by amount: Double) { cell.withLock { $0 -= amount } }
  func reset() { set(0.0) }
  func set(_ value: Int64) { set(Double(value)) }
  func set(_ value: Double) { cell.withLock { $0 = value } }
  func record(_ value: Int64) { set(Double(value)) }
  func record(_ value: Double) { set(value) }
}

/// Counts of times in the registry's buckets.
final class TimeHistogram: TimerHandler, RecorderHandler {
  private struct Contents {
    var counts = [UInt64](repeating: 0, count: MetricRegistry.bounds.count + 1)
    var sum = 0.0
  }

  private let cell = Mutex(Contents())

  /// The counts of each bucket alone, and the sum in seconds.
  var contents: (counts: [UInt64], sum: Double) { cell.withLock { ($0.counts, $0.sum) } }

  func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
  func record(_ value: Int64) { record(Double(value)) }

  func record(_ value: Double) {
    let index = MetricRegistry.bounds.firstIndex { value <= $0 } ?? MetricRegistry.bounds.count
    cell.withLock { contents in
      contents.counts[index] += 1
      contents.sum += value
    }
  }
}
