internal import SynCore

/// A delay with jitter, as netem would add it, laid on what was added to the round trips.
struct NetemFit: Hashable, Sendable {
  /// Nanoseconds, as netem is told them.
  var delay: Double
  /// The same; 0 for none.
  var jitter: Double
  let shape: NetemSpec.Distribution
  /// Share of packets that are sent at once.
  var atOnce = 0.0
  /// The largest distance of the two distribution functions, 0 to 1, behind what the path itself varies by.
  private(set) var misfit = 1.0

  /// Where the two are compared.
  private static let grid = (1...39).map { Double($0) / 40 }

  /// Lays each shape on the values, the nearest first; a delay that does not vary comes first where it fits.
  /// - Parameters:
  ///   - added: What was added to each answer, in ascending order, nanoseconds.
  ///   - noise: What the path itself varies by.
  ///   - atOnce: The share that was not delayed.
  /// - Returns: A fit of each shape that there is; none without a value.
  static func all(_ added: [Double], noise: Double, atOnce: Double = 0) -> [NetemFit] {
    guard !added.isEmpty else { return [] }
    let delayed = Array(added.dropFirst(Int((atOnce * Double(added.count)).rounded())))
    guard !delayed.isEmpty else { return [] }
    let steady = NetemFit(delay: quantile(delayed, 0.5), jitter: 0, shape: .uniform)
    let spread = NetemSpec.Distribution.allCases.compactMap { NetemFit(delayed, $0, noise) }
    return ([steady] + spread).map { fit in
      var fit = fit
      fit.atOnce = atOnce
      fit.misfit = fit.distance(to: added, noise)
      return fit
    }
  }

  private init(delay: Double, jitter: Double, shape: NetemSpec.Distribution) {
    self.delay = delay
    self.jitter = jitter
    self.shape = shape
  }

  /// The line of least squares through the quantiles; nil where that is no jitter.
  ///
  /// netem cannot send before it received: what would be a negative delay is none, and is left out of the line.
  private init?(_ added: [Double], _ shape: NetemSpec.Distribution, _ noise: Double) {
    // The thin end of a long tail is known the least.
    let most = shape == .uniform || shape == .normal ? 0.95 : 0.9
    let points = NetemFit.grid.filter { $0 <= most }.map { (shape.quantile($0), NetemFit.quantile(added, $0)) }
      .filter { $0.1 > noise }
    guard points.count >= 5 else { return nil }
    let count = Double(points.count)
    let meanX = points.reduce(0) { $0 + $1.0 } / count
    let meanY = points.reduce(0) { $0 + $1.1 } / count
    let variance = points.reduce(0) { $0 + ($1.0 - meanX) * ($1.0 - meanX) }
    let covariance = points.reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
    guard variance > 0, covariance > 0 else { return nil }
    self.init(delay: meanY - covariance / variance * meanX, jitter: covariance / variance, shape: shape)
    // Less is what timers are late by.
    guard jitter > max(noise, meanY * 0.01), delay > 0 else { return nil }
  }

  /// How far the share of values up to each of the fit's quantiles is from what it should be.
  private func distance(to added: [Double], _ noise: Double) -> Double {
    let noise = jitter == 0 ? noise + delay * 0.005 : noise
    return NetemFit.grid.reduce(0) { farthest, ratio in
      // The first are those that were sent at once.
      let within = (ratio - atOnce) / max(1 - atOnce, 1e-9)
      let value = within <= 0 ? 0 : max(delay + jitter * shape.quantile(within), 0)
      let below = NetemFit.share(of: added, upTo: value - noise)
      let above = NetemFit.share(of: added, upTo: value + noise)
      return max(farthest, max(below - ratio, ratio - above, 0))
    }
  }

  /// The share of ascending values up to a bound.
  private static func share(of values: [Double], upTo bound: Double) -> Double {
    Double(Times.firstIndex(in: values.count) { values[$0] > bound }) / Double(values.count)
  }

  static func quantile(_ sorted: [Double], _ ratio: Double) -> Double {
    sorted[min(Int(ratio * Double(sorted.count)), sorted.count - 1)]
  }
}
