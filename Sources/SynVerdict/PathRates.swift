public import SynCore

/// How wide each part of a path is, by all rounds of trains.
public struct PathRates: Sendable {
  /// A width.
  public struct Width: Sendable {
    /// The best single value; nil where nothing narrow was seen, or nobody knows.
    public let estimate: BitRate?
    /// Where the true one lies; an end is nil where it is not known.
    public let interval: OpenInterval<BitRate>
  }

  /// The rounds of which each train was seen.
  public let rounds: [RateRound]
  /// SYNs that were sent.
  public let probes: Int
  /// Trains that were sent.
  public let trains: Int
  /// Whether padded SYNs were never answered, though bare ones were.
  public let isPaddingDropped: Bool

  /// Reads the trains, in the order in which they ended.
  public init(_ trains: [ProbeTrain]) {
    var rounds: [RateRound] = []
    var latest: [ProbeTrain.Kind: ProbeTrain] = [:]
    for train in trains {
      latest[train.kind] = train
      guard train.kind == .plain, let full = latest[.full] else { continue }
      let padded = latest[.padded]
      latest = [:]
      let round = RateRound(padded: padded, full: full, plain: train)
      if !round.places.isEmpty { rounds.append(round) }
    }
    self.rounds = rounds
    self.trains = trains.count
    probes = trains.map(\.cars.count).reduce(0, +)
    let padded = trains.filter { $0.kind == .padded }
    let answers = { (trains: [ProbeTrain]) in trains.flatMap(\.cars).count { $0.answerBytes != nil } }
    isPaddingDropped = padded.count > 2 && answers(padded) == 0 && answers(trains) > padded.count
  }

  /// The width of one place; nil where no round tells of it.
  public func width(of place: FaultPlace, by mixture: BinomialMixture) -> Width? {
    width(rounds.map { $0.places[place] }, mixture)
  }

  /// The width of the narrowest of some places that is seen.
  public func narrowest(of places: [FaultPlace] = RateRound.order, by mixture: BinomialMixture) -> Width? {
    width(rounds.map { $0.narrowest(of: places) }, mixture)
  }

  /// A place that is seen to be narrow.
  struct Narrow {
    let place: FaultPlace
    let least: BitRate?
    let most: BitRate

    func isWider(than other: Narrow) -> Bool { least.map { $0 >= other.most } ?? false }
  }

  /// The places that are seen to be narrow, the narrowest first.
  func narrow(by mixture: BinomialMixture) -> [Narrow] {
    RateRound.order.compactMap { place in
      guard let width = width(of: place, by: mixture), let most = width.interval.upper else { return nil }
      return Narrow(place: place, least: width.interval.lower, most: most)
    }.sorted { $0.most < $1.most }
  }

  /// Each round says between what the width lies: the medians of the lower and of the upper ends hold it between them.
  private func width(_ bounds: [RateRound.Bounds?], _ mixture: BinomialMixture) -> Width? {
    let known = bounds.compactMap { $0 }
    guard !known.isEmpty else { return nil }
    let missing = bounds.count - known.count
    let least = known.compactMap(\.least).sorted()
    let most = known.compactMap(\.most).sorted()
    let lower = QuantileInterval.interval(of: least, 0.5, by: mixture, missing: missing + known.count - least.count).lower
    let upper = QuantileInterval.interval(of: most, 0.5, by: mixture, above: known.count - most.count + missing).upper
    let isNarrow = most.count * 2 > known.count
    return Width(
      estimate: isNarrow && !least.isEmpty ? least[least.count / 2] : nil, interval: OpenInterval(lower: lower, upper: upper))
  }
}
