internal import Synchronization

/// What is counted of streams.
final class StreamCounters: Sendable {
  private struct Counts {
    var readers = 0
    var missed = 0
    var dropped = 0
  }

  private let counts = Mutex(Counts())

  /// A client reads.
  func joined() { counts.withLock { $0.readers += 1 } }

  /// A client has left, who has missed so many events.
  func left(missed: Int) {
    counts.withLock {
      $0.readers -= 1
      $0.missed += missed
    }
  }

  /// A client was left, since it did not read.
  func dropped() { counts.withLock { $0.dropped += 1 } }

  /// The families.
  var families: [MetricFamily] {
    let counts = counts.withLock { $0 }
    return [
      MetricFamily("synprobe_stream_readers", .gauge, "Clients that read a stream.", value: counts.readers),
      MetricFamily(
        "synprobe_stream_events_dropped", .counter, "Events that clients missed, since they did not read in time.",
        value: counts.missed),
      MetricFamily(
        "synprobe_stream_readers_dropped", .counter, "Clients that were left, since they did not read.",
        value: counts.dropped),
    ]
  }
}
