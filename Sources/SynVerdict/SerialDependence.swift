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
  public static func effect(_ events: [Bool]) -> Double {
    guard events.count > 2 else { return 1 }
    let error = 1 / Double(events.count).squareRoot()
    let correlation = correlation(events)
    guard correlation > significance * error else { return 1 }
    return effect(of: correlation + error)
  }

  /// The same for a correlation that is known, from 0 on.
  static func effect(of correlation: Double) -> Double {
    let bounded = min(correlation, 0.99)
    return (1 + bounded) / (1 - bounded)
  }
}
