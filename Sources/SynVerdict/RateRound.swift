public import SynCore

/// What one round of trains, one of each size, says of how wide each part of the path is.
///
/// A narrow link sets the distance of packets by their size: on the way there large SYNs come further apart than small
/// ones, on the way back the answers to small SYNs with options further than those to SYNs without, which are smaller. What
/// takes its time whatever the size is no link, but a host that thinks. (Keshav 1991; Carter and Crovella 1996; SProbe,
/// Saroiu, Gummadi and Gribble 2002, is where SYNs and RSTs were used so.)
public struct RateRound: Hashable, Sendable {
  /// Where a width lies.
  public struct Bounds: Hashable, Sendable {
    /// It is no narrower; nil where too little passed to tell.
    public var least: BitRate?
    /// It is no wider; nil where nothing narrow was seen.
    public var most: BitRate?
  }

  /// By the place of the link; absent where the stamps do not tell.
  public private(set) var places: [FaultPlace: Bounds] = [:]

  /// Whether nobody knows if the way back is narrow.
  private(set) var isUntold = false

  /// The places, in the order of the path.
  public static let order: [FaultPlace] = [.egress, .forward, .back, .ingress]

  /// What is passed on faster than this, nanoseconds a packet, is as fast as hosts are.
  private static let hostPace = 20_000.0
  /// Behind a narrow link packets are this much further apart than ahead of it.
  private static let spread = 1.25
  /// Behind a narrow way there, a narrower way back: a host that is busy with each packet takes up to half as long again.
  private static let beyondForward = 1.6
  /// The sizes differ by a quarter and more; what differs by less than half of that does not go by the size.
  private static let scaling = 1.12
  /// Large SYNs are up to twenty times as large; a host that thinks takes hardly longer for them.
  private static let largeScaling = 1.5

  /// A train, and the distances of its answers.
  private struct Points {
    let train: ProbeTrain
    let received: TrainSpacing?

    init(_ train: ProbeTrain) {
      self.train = train
      received = Self.spacing(of: train, \.received, behind: \.sent)
    }

    func spacing(
      _ point: (ProbeTrain.Car) -> KernelTimestamp?, behind ahead: (ProbeTrain.Car) -> KernelTimestamp?
    ) -> TrainSpacing? {
      Self.spacing(of: train, point, behind: ahead)
    }

    private static func spacing(
      of train: ProbeTrain, _ point: (ProbeTrain.Car) -> KernelTimestamp?,
      behind ahead: (ProbeTrain.Car) -> KernelTimestamp?
    ) -> TrainSpacing? {
      TrainSpacing(train.cars.map(point), behind: train.cars.map(ahead))
    }

    /// Bytes of an answer.
    var answerBytes: Int? {
      let sizes = train.cars.compactMap(\.answerBytes).sorted()
      return sizes.isEmpty ? nil : sizes[sizes.count / 2]
    }
  }

  /// Reads one train of each kind; the padded one may be missing.
  public init(padded: ProbeTrain?, full: ProbeTrain, plain: ProbeTrain) {
    let small = Points(full)
    let large = padded.map(Points.init).flatMap { $0.received == nil ? nil : $0 } ?? small
    readEgress(large)
    let explained = readForward(large, small)
    readBack(small, Points(plain), explained)
    readIngress(small)
  }

  /// The place that is narrowest; nil where none was seen to be narrow.
  var leader: FaultPlace? {
    let narrow = RateRound.order.filter { places[$0]?.most != nil }
    return narrow.min { (places[$0]?.least ?? BitRate(0)) < (places[$1]?.least ?? BitRate(0)) }
  }

  /// The narrowest of some places that was seen to be narrow; where none was, what all are at least.
  public func narrowest(of wanted: [FaultPlace]) -> Bounds? {
    let bounds = wanted.compactMap { places[$0] }
    let narrow = bounds.filter { $0.most != nil }
    let seen = narrow.isEmpty ? bounds : narrow
    return seen.min { ($0.least ?? BitRate(0)) < ($1.least ?? BitRate(0)) }
  }

  private mutating func readEgress(_ train: Points) {
    guard let sent = train.spacing(\.sent, behind: \.queued), let queued = sent.gapAhead else { return }
    places[.egress] = RateRound.bounds(train.train.frameBytes, sent, isNarrow: RateRound.spreads(sent, from: queued))
  }

  /// - Returns: The distance of small SYNs that the way there alone explains; 0 where it is not narrow.
  private mutating func readForward(_ large: Points, _ small: Points) -> Double {
    guard let behind = large.received, let ahead = behind.gapAhead else { return 0 }
    let (bytes, smallBytes) = (Double(large.train.frameBytes), Double(small.train.frameBytes))
    let goesBySize = small.received.map { behind.least > $0.least * RateRound.largeScaling } ?? false
    let isNarrow = bytes > smallBytes && goesBySize && RateRound.spreads(behind, from: ahead)
    places[.forward] = RateRound.bounds(large.train.frameBytes, behind, isNarrow: isNarrow)
    let narrowest = max(ahead > RateRound.hostPace ? ahead : 0, isNarrow ? behind.gap : 0)
    return narrowest * smallBytes / bytes
  }

  private mutating func readBack(_ small: Points, _ smaller: Points, _ explained: Double) {
    guard let behind = small.received, let ahead = behind.gapAhead, let bytes = small.answerBytes else { return }
    let spreads = RateRound.spreads(behind, from: max(ahead, explained * RateRound.beyondForward), pace: 0)
    let isSmaller = smaller.answerBytes.map { $0 < bytes } ?? false
    let other = isSmaller ? smaller.received : nil
    let goesBySize = other.map { behind.least > $0.least * RateRound.scaling } ?? false
    if let other, other.isFree, spreads, !goesBySize {
      // The bare SYNs left too slowly to be compared.
      isUntold = true
      return
    }
    let isNarrow = spreads && (goesBySize || behind.hasBurst) && behind.gap > RateRound.hostPace / 2
    places[.back] = RateRound.bounds(bytes, behind, isNarrow: isNarrow)
  }

  private mutating func readIngress(_ small: Points) {
    guard let behind = small.spacing(\.delivered, behind: \.received), let ahead = behind.gapAhead,
      let bytes = small.answerBytes
    else { return }
    places[.ingress] = RateRound.bounds(bytes, behind, isNarrow: RateRound.spreads(behind, from: ahead))
  }

  /// Whether packets that were held come out clearly further apart than they came, and than hosts pass them on.
  private static func spreads(_ behind: TrainSpacing, from ahead: Double, pace: Double = hostPace) -> Bool {
    // One pause of this host lengthens the mean, and no distance but one: the shortest that some in a row keep decides.
    !behind.isFree && behind.least > ahead * spread && behind.least > pace
  }

  /// A bucket of so many bytes, or of so many nanoseconds at its rate, is no wonder: what it lets through at once says
  /// nothing of the rate.
  private static let (bucketBytes, bucketTime) = (32_768, 10e6)

  private static func bounds(_ bytes: Int, _ spacing: TrainSpacing, isNarrow: Bool) -> Bounds {
    if isNarrow {
      return Bounds(least: BitRate(bytes: bytes, in: spacing.gap), most: BitRate(bytes: bytes, in: spacing.least))
    }
    let passed = spacing.cars * bytes
    guard passed > bucketBytes else { return Bounds() }
    let beyond = BitRate(bytes: passed - bucketBytes, in: max(spacing.span, 1))
    return Bounds(least: min(beyond, BitRate(bytes: passed, in: spacing.span + bucketTime)))
  }
}
