internal import Glibc

/// The C library's functions of real numbers: the one file of the pure targets that imports more than they.
enum LibMath {
  /// Natural logarithm; minus infinity of zero.
  static func log(_ value: Double) -> Double { Glibc.log(value) }

  /// Natural logarithm of the gamma function of a positive number.
  static func logGamma(_ value: Double) -> Double { Glibc.lgamma(value) }

  /// Gauss's error function.
  static func erf(_ value: Double) -> Double { Glibc.erf(value) }

  /// e to the power of `value`.
  static func exp(_ value: Double) -> Double { Glibc.exp(value) }

  /// Natural logarithm of the beta function.
  static func logBeta(_ first: Double, _ second: Double) -> Double {
    logGamma(first) + logGamma(second) - logGamma(first + second)
  }
}
