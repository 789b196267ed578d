/// How much less than its size a sample says whose members depend on their neighbours, as losses in bursts do.
public enum SerialDependence {
  /// More than this, and the dependence is not chance: standard deviations of a correlation that is none.
  private static let significance = 2.0

  /// The correlation of each event with the one before it; 0 where they are all alike.
  public static func correlation(_ events: [Bool]) -> Double {
    guard events.count > 2 else { return 0 }
    let share = Double(events.count { $0 }) / Double(events.count)
    let variance = share * (1 - share)
    guard variance > 0 else { return 0 }
    let sum = zip(events, events.dropFirst()).reduce(0.0) {
      $0 + (($1.0 ? 1 : 0) - share) * (($1.1 ? 1 : 0) - share)
    }
    return sum / Double(events.count - 1) / variance
  }

  /// How many dependent events say as much as one independent one: 1 where none of them depends on the other.
  ///
  /// (1 + ρ) / (1 − ρ), as for a chain with two states, of which Gilbert's model is one; ρ is taken at the upper end of
  /// what the sample allows once it is more than chance.
  public static func effect(_ events: [Bool]) -> Double { effect(events, beyond: significance) }

  private static func effect(_ events: [Bool], beyond significance: Double) -> Double {
    guard events.count > 2 else { return 1 }
    let error = 1 / Double(events.count).squareRoot()
    let correlation = correlation(events)
    guard correlation > significance * error else { return 1 }
    return effect(of: correlation + error)
  }

  /// Where it is looked for often.
  private static let rareSignificance = 3.0

  /// The same where it may outlast one event by more than a chain's does: the larger of that, and of how much more the sums
  /// of blocks scatter than those of independent events, once that is more than chance.
  static func lastingEffect(_ events: [Bool]) -> Double {
    let share = Double(events.count { $0 }) / Double(max(events.count, 1))
    var effect = effect(events, beyond: rareSignificance)
    for size in [8, 32] where events.count >= 8 * size && share > 0 && share < 1 {
      let blocks = events.count / size
      let scatter = (0..<blocks).reduce(0.0) { sum, block in
        let hits = events[block * size..<(block + 1) * size].count { $0 }
        let difference = Double(hits) - share * Double(size)
        return sum + difference * difference
      }
      let ratio = scatter / (Double(blocks * size) * share * (1 - share))
      if ratio > 1 + rareSignificance * (2 / Double(blocks)).squareRoot() { effect = max(effect, ratio) }
    }
    return effect
  }

  /// The same for a correlation that is known, from 0 on.
  static func effect(of correlation: Double) -> Double {
    let bounded = min(correlation, 0.99)
    return (1 + bounded) / (1 - bounded)
  }
}
