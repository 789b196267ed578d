/// How often netem's correlated random numbers fall below a bound.
///
/// Each is (1 − ρ) of a fresh one, evenly from 0 to 1, and ρ of the one before it (sch_netem.c, get_crandom). That keeps
/// them near the middle, so that a small share with a correlation comes far less often than is written: "loss 5% 25%"
/// loses 0.2 %.
enum CorrelatedShare {
  private static let steps = 4096
  private static let mostRounds = 200

  /// The share of numbers below `bound`, from 0 to 1, with ρ from 0 to below 1.
  static func below(_ bound: Double, correlation: Double) -> Double {
    if correlation <= 0 || bound <= 0 || bound >= 1 { return min(max(bound, 0), 1) }
    var shares = (0...steps).map { Double($0) / Double(steps) }
    for _ in 0..<mostRounds {
      let next = step(shares, correlation)
      let change = zip(next, shares).map { abs($0 - $1) }.max() ?? 0
      shares = next
      if change < 1e-9 { break }
    }
    return interpolated(shares, bound)
  }

  /// The distribution of the next number, from that of the last.
  private static func step(_ shares: [Double], _ correlation: Double) -> [Double] {
    var areas = [0.0]
    for (left, right) in zip(shares, shares.dropFirst()) {
      areas.append((areas.last ?? 0) + (left + right) / 2 / Double(steps))
    }
    // Above 1 every number is below the bound.
    let area = { (place: Double) in
      place >= 1 ? areas[steps] + place - 1 : place <= 0 ? 0 : interpolated(areas, place)
    }
    return shares.indices.map { index in
      let bound = Double(index) / Double(steps)
      let from = (bound - (1 - correlation)) / correlation
      return (area(bound / correlation) - area(from)) * correlation / (1 - correlation)
    }
  }

  private static func interpolated(_ values: [Double], _ place: Double) -> Double {
    let scaled = place * Double(steps)
    let index = min(Int(scaled), steps - 1)
    return values[index] + (values[index + 1] - values[index]) * (scaled - Double(index))
  }
}
