/// SplitMix64 (Steele, Lea and Flood, 2014): random numbers that a seed repeats.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// Starts the sequence of this seed.
  public init(seed: UInt64) {
    state = seed
  }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }

  /// True with this probability.
  public mutating func chance(_ probability: Double) -> Bool {
    Double(next() >> 11) / Double(UInt64(1) << 53) < probability
  }

  /// A duration from zero to `longest`, evenly.
  public mutating func duration(upTo longest: Duration) -> Duration {
    longest > .zero ? .nanoseconds(Int64.random(in: 0...(longest / .nanoseconds(1)).rounded64, using: &self)) : .zero
  }
}

extension Double {
  fileprivate var rounded64: Int64 { Int64(self.rounded()) }
}
