public import SynCore

/// How wide each part of a path is, by all rounds of trains.
public struct PathRates: Hashable, Sendable {
  /// A width.
  public struct Width: Sendable {
    /// The best single value; nil where nothing narrow was seen, or nobody knows.
    public let estimate: BitRate?
    /// Where the true one lies; an end is nil where it is not known.
    public let interval: OpenInterval<BitRate>
  }

  /// The rounds of which each train was seen.
  public private(set) var rounds: [RateRound] = []
  /// SYNs that were sent.
  public private(set) var probes = 0
  /// Trains that were sent.
  public private(set) var trains = 0
  private var latest: [ProbeTrain.Kind: ProbeTrain] = [:]
  private var paddedTrains = 0
  private var paddedAnswers = 0
  private var answers = 0

  /// No train yet.
  public init() {}

  /// Adds a train, in the order in which they end.
  public mutating func add(_ train: ProbeTrain) {
    trains += 1
    probes += train.cars.count
    let answered = train.cars.count { $0.answerBytes != nil }
    answers += answered
    if train.kind == .padded {
      paddedTrains += 1
      paddedAnswers += answered
    }
    // The first trains find out how long the others may be.
    guard trains > ProbeTrain.Kind.allCases.count else { return }
    latest[train.kind] = train
    guard train.kind == .plain, let full = latest[.full] else { return }
    let round = RateRound(padded: latest[.padded], full: full, plain: train)
    latest = [:]
    if !round.places.isEmpty { rounds.append(round) }
  }

  /// Whether padded SYNs were never answered, though bare ones were.
  public var isPaddingDropped: Bool { paddedTrains > 2 && paddedAnswers == 0 && answers > paddedTrains }

  /// The width of one place; nil where no round tells of it.
  public func width(of place: FaultPlace, by mixture: BinomialMixture) -> Width? {
    width(rounds.map { $0.places[place] }, mixture)
  }

  /// The width of the narrowest of some places that is seen.
  public func narrowest(of places: [FaultPlace] = RateRound.order, by mixture: BinomialMixture) -> Width? {
    width(rounds.map { $0.isUntold ? nil : $0.narrowest(of: places) }, mixture)
  }

  /// Each round says between what the width lies: the medians of the lower and of the upper ends hold it between them.
  private func width(_ bounds: [RateRound.Bounds?], _ mixture: BinomialMixture) -> Width? {
    // A round that tells nothing of a place does so whatever its width is.
    let known = bounds.compactMap { $0 }
    guard !known.isEmpty else { return nil }
    let least = known.compactMap(\.least).sorted()
    let most = known.compactMap(\.most).sorted()
    let lower = QuantileInterval.interval(of: least, 0.5, by: mixture, missing: known.count - least.count).lower
    let upper = QuantileInterval.interval(of: most, 0.5, by: mixture, above: known.count - most.count).upper
    let isNarrow = most.count * 2 > known.count
    return Width(
      estimate: isNarrow && !least.isEmpty ? least[least.count / 2] : nil,
      interval: OpenInterval(lower: lower, upper: upper))
  }
}
