/// Counts of non-negative integers in buckets of 1/1024 of their octave, as HdrHistogram has them.
///
/// An octave takes memory once a value falls into it: latencies of one path lie in a few.
struct LogLinearHistogram: Hashable, Sendable {
  private static let subBits = 10
  private static let perOctave = 1 << subBits
  /// Empty until it is needed.
  private var octaves: [[UInt64]] = []

  mutating func add(_ value: Int64) {
    let (octave, bucket) = Self.place(of: max(value, 0))
    if octave >= octaves.count { octaves += Array(repeating: [], count: octave + 1 - octaves.count) }
    if octaves[octave].isEmpty { octaves[octave] = Array(repeating: 0, count: Self.perOctave) }
    octaves[octave][bucket] += 1
  }

  /// The middle of the bucket that holds the value of this rank, from 1.
  func value(atRank rank: Int) -> Int64 {
    var seen: UInt64 = 0
    var last: Int64 = 0
    for (octave, counts) in octaves.enumerated() {
      for (bucket, count) in counts.enumerated() where count > 0 {
        seen += count
        last = Self.middle(octave, bucket)
        if seen >= UInt64(rank) { return last }
      }
    }
    return last
  }

  /// Values below 1024 have a bucket each, in the first octave; above, each doubling has 1024.
  private static func place(of value: Int64) -> (octave: Int, bucket: Int) {
    let magnitude = 63 - value.leadingZeroBitCount
    guard magnitude >= subBits else { return (0, Int(value)) }
    let shift = magnitude - subBits
    return (shift + 1, Int(value >> shift) - perOctave)
  }

  private static func middle(_ octave: Int, _ bucket: Int) -> Int64 {
    guard octave > 0 else { return Int64(bucket) }
    let shift = octave - 1
    return Int64(perOctave + bucket) << shift + (1 << shift - 1) / 2
  }
}
