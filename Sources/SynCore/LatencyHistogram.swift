/// Counts of round trips in 20 buckets that double from 50 µs to 26.2 s, as Prometheus' smokeping_prober has them.
public struct LatencyHistogram: Hashable, Sendable {
  /// The upper bounds of the buckets, each with its bound in.
  public static let bounds: [Duration] = (0..<20).map { .microseconds(50) * (1 << $0) }

  /// How many values lie within each bound and above the one before; the last is of those beyond all bounds.
  public private(set) var counts = [UInt64](repeating: 0, count: bounds.count + 1)
  /// The sum of all values.
  public private(set) var sum = Duration.zero

  /// No value yet.
  public init() {}

  /// How many values were added.
  public var count: UInt64 { counts.reduce(0, +) }

  /// Adds a value; a negative one is not a latency and is not taken.
  public mutating func add(_ value: Duration) {
    guard value >= .zero else { return }
    counts[LatencyHistogram.bounds.firstIndex { value <= $0 } ?? LatencyHistogram.bounds.count] += 1
    sum += value
  }

  /// Adds what another one counted.
  public mutating func add(_ other: LatencyHistogram) {
    for index in counts.indices { counts[index] += other.counts[index] }
    sum += other.sum
  }
}
