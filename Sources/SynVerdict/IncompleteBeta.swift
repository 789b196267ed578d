/// The regularized incomplete beta function, from which the binomial distribution and its exact intervals are.
enum IncompleteBeta {
  private static let precision = 1e-15
  private static let mostTerms = 10_000
  /// Of a quantile, whose value is known no better; and the steps that it is searched in at most.
  private static let resolution = 1e-13
  private static let mostSteps = 60

  /// I_x(a, b), for a, b > 0 and x from 0 to 1 (DLMF 8.17.2).
  static func value(_ x: Double, _ a: Double, _ b: Double) -> Double { value(x, a, b, LibMath.logBeta(a, b)) }

  private static func value(_ x: Double, _ a: Double, _ b: Double, _ logBeta: Double) -> Double {
    if x <= 0 { return 0 }
    if x >= 1 { return 1 }
    let front = LibMath.exp(a * LibMath.log(x) + b * LibMath.log(1 - x) - logBeta)
    // The fraction converges fast on one side of the mean; the other side is its mirror image (DLMF 8.17.4).
    return x < (a + 1) / (a + b + 2) ? front * fraction(x, a, b) / a : 1 - front * fraction(1 - x, b, a) / b
  }

  /// The x at which I_x(a, b) is `probability`: Newton's steps, and a halving where one would leave what is still open.
  static func quantile(_ probability: Double, _ a: Double, _ b: Double) -> Double {
    let logBeta = LibMath.logBeta(a, b)
    var low = 0.0
    var high = 1.0
    var x = a / (a + b)
    for _ in 0..<mostSteps where high - low > resolution {
      let beyond = value(x, a, b, logBeta) - probability
      if beyond < 0 { low = x } else { high = x }
      let slope = LibMath.exp((a - 1) * LibMath.log(x) + (b - 1) * LibMath.log(1 - x) - logBeta)
      let step = beyond / slope
      if abs(step) < resolution { break }
      x = low < x - step && x - step < high ? x - step : (low + high) / 2
    }
    return x
  }

  /// The continued fraction of DLMF 8.17.22, by Lentz's method.
  private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    let tiny = 1e-300
    var c = 1.0
    var d = 1 / nonzero(1 - (a + b) * x / (a + 1), tiny)
    var result = d
    for term in 1...mostTerms {
      let m = Double(term)
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      d = 1 / nonzero(1 + even * d, tiny)
      c = nonzero(1 + even / c, tiny)
      result *= d * c
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      d = 1 / nonzero(1 + odd * d, tiny)
      c = nonzero(1 + odd / c, tiny)
      result *= d * c
      if abs(d * c - 1) < precision { break }
    }
    return result
  }

  private static func nonzero(_ value: Double, _ tiny: Double) -> Double { abs(value) < tiny ? tiny : value }
}
