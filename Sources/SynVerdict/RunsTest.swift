/// Whether events stand together more than chance brings about, however seldom they are.
///
/// Given how many of the events hit, each order of them is as likely where none depends on another; of those orders it is known
/// how many have so many runs of hits (Stevens 1939, Annals of Eugenics 9:10). A correlation, whose distribution is askew where
/// hits are seldom, calls chance a burst ten times too often there.
enum RunsTest {
  /// The probability of so few runs of hits as `events` has, or fewer; 1 where all of the events are alike.
  static func chance(_ events: [Bool]) -> Double {
    let hits = events.count { $0 }
    let runs = zip([false] + events, events).count { !$0 && $1 }
    guard hits > 0, hits < events.count else { return 1 }
    let gaps = events.count - hits + 1
    let all = choices(events.count, hits)
    return (1...runs).reduce(0) { sum, count in
      sum + LibMath.exp(choices(hits - 1, count - 1) + choices(gaps, count) - all)
    }
  }

  /// The logarithm of how many ways there are to choose `some` of `all`; minus infinity where there is none.
  private static func choices(_ all: Int, _ some: Int) -> Double {
    guard some <= all else { return -.infinity }
    return LibMath.logGamma(Double(all) + 1) - LibMath.logGamma(Double(some) + 1)
      - LibMath.logGamma(Double(all - some) + 1)
  }
}
