/// What times were like before, and what would be unlike it.
struct TimeReference: Sendable {
  /// One of the times' order that values may be beyond: seldom, as long as all is as it was.
  struct Edge: Sendable {
    let value: Int64
    let isUpper: Bool
    /// The share of values beyond it, at most.
    let bound: Double
    let dependence: Double

    func isBeyond(_ time: Int64) -> Bool { isUpper ? time > value : time < value }
  }

  /// In ascending order; at least `ChangeLevel.fewest`.
  let sorted: [Int64]
  /// Above and below: the median, the outermost tenth, and all but one; and far above all.
  let edges: [Edge]

  /// How much a difference must be to be one: 5 % of the median, and 100 µs.
  let margin: Int64

  /// Takes values in the order of their coming.
  init(_ values: [Int64]) {
    let sorted = values.sorted()
    self.sorted = sorted
    let margin = max(sorted[sorted.count / 2] / 20, 100_000)
    self.margin = margin
    let ranks = [sorted.count / 2, sorted.count / 10, 1]
    var edges = [true, false].flatMap { isUpper in
      var dependence = 1.0
      return ranks.map { rank in
        let value = isUpper ? sorted[sorted.count - 1 - rank] : sorted[rank]
        // Of those few that are far out nothing can be told: they depend on each other as those do that are less far.
        dependence = max(dependence, SerialDependence.lastingEffect(values.map { isUpper ? $0 > value : $0 < value }))
        return Edge(
          value: isUpper ? value + margin : value - margin, isUpper: isUpper,
          bound: ShareBound.upper(rank, of: values.count, dependence: dependence), dependence: dependence)
      }
    }
    // More than twice as far out as anything: whatever memory the noise has does not reach there.
    let farthest = sorted[sorted.count - 2]
    let distance = max(10 * TimeReference.spread(sorted), sorted[sorted.count / 2], 10 * margin)
    edges.append(
      Edge(value: farthest + distance, isUpper: true, bound: ShareBound.upper(0, of: values.count), dependence: 1))
    self.edges = edges
  }

  /// Whether a value is further out than noise of any memory reaches.
  func isFarAbove(_ time: Int64) -> Bool { edges.last?.isBeyond(time) ?? false }

  var median: Int64 { sorted[sorted.count / 2] }

  /// From the first tenth to the last.
  var spread: Int64 { TimeReference.spread(sorted) }

  static func spread(_ sorted: [Int64]) -> Int64 {
    guard sorted.count > 1 else { return 0 }
    return upperTenth(sorted) - sorted[sorted.count / 10]
  }

  /// That above which the last tenth lies; of one value or more.
  static func upperTenth(_ sorted: [Int64]) -> Int64 { sorted[sorted.count - 1 - sorted.count / 10] }

  /// Whether a value is among those that there were, the outermost ones left out.
  func contains(_ time: Int64) -> Bool {
    (sorted[1] - margin...sorted[sorted.count - 2] + margin).contains(time)
  }
}
