extension NetemSpec.Distribution {
  /// The value at or below which a share `ratio` of netem's random numbers lies, in units of the jitter: as its tables have
  /// it (iproute2's netem/*.c), from −4 to 4.
  func quantile(_ ratio: Double) -> Double {
    switch self {
    case .uniform: 2 * ratio - 1
    case .normal: JitterShape.normal(ratio)
    case .pareto: JitterShape.pareto(ratio)
    case .paretonormal: (JitterShape.normal(ratio) + 3 * JitterShape.pareto(ratio)) / 4
    }
  }
}

/// The quantile functions of netem's distributions.
enum JitterShape {
  private static let farthest = 4.0

  /// Gauss's: the inverse of its distribution function, by Newton's steps from the middle, which never step over it.
  static func normal(_ ratio: Double) -> Double {
    guard ratio < 0.5 else { return upper(ratio) }
    return -upper(1 - ratio)
  }

  private static func upper(_ ratio: Double) -> Double {
    var value = 0.0
    for _ in 0..<60 {
      let missing = ratio - 0.5 * (1 + LibMath.erf(value / 2.0.squareRoot()))
      let step = missing * (2 * Double.pi).squareRoot() * LibMath.exp(value * value / 2)
      guard step > 1e-12, value < farthest else { break }
      value += step
    }
    return min(value, farthest)
  }

  /// Pareto's with the exponent 3, moved and stretched to a mean of 0 and a standard deviation of 1, and cut off.
  static func pareto(_ ratio: Double) -> Double {
    guard ratio < 1 else { return farthest }
    return min((LibMath.exp(-LibMath.log(1 - ratio) / 3) - 1.5) * 4 / 3, farthest)
  }
}
