internal import SynCore

/// What a run shows of an added delay: how much, spread how, and in which segment.
struct NetemDelays {
  /// Whether anything was added.
  let isDelayed: Bool
  /// The shapes that fit, the nearest first; one nil where nothing was added.
  let fits: [NetemFit?]
  /// Where it is, and what.
  private(set) var side: (place: FaultPlace, what: String)?
  /// How narrow the path is, and where.
  typealias Link = (estimate: BitRate, interval: OpenInterval<BitRate>, place: FaultPlace)
  /// The narrow part of the path, whether it was so before or not.
  let narrow: Link?
  /// The same, where it is new and makes each packet wait.
  let rate: Link?

  private let median: OpenInterval<Int64>
  private let quartiles: OpenInterval<Int64>
  /// What the link takes for a small packet, nanoseconds.
  private let wire: Double
  /// Answers whose time is known.
  private let count: Int

  /// The errors of all parameters of a line together.
  private static let mixture = BinomialMixture(confidence: 1 - 0.05 / 6)
  /// What is less is the path's own, nanoseconds, and that of netem's timers, whatever the path varies by.
  private static let leastNoise = 250_000.0
  /// Of what is added, the largest part that may lie beside the one place.
  private static let beside = 0.25
  /// Fewer packets that were sent at once are the path's own luck.
  private static let leastAtOnce = 0.02

  init(_ evidence: Evidence, _ baseline: Evidence) throws(NetemIdentification.Misfit) {
    let before = baseline.roundTrips
    let now = evidence.roundTrips
    let own = max(before.width, NetemDelays.leastNoise)
    let shift =
      now.interval(0.5, by: NetemDelays.mixture, dependence: 1)
      - before.exactInterval(0.5, confidence: NetemDelays.mixture.confidence)
    median = shift
    // Behind jitter no distance of two packets is a link's.
    narrow = now.width > 3 * own ? nil : NetemDelays.narrowest(evidence)
    let rise = Double((now.quantile(0.5) ?? 0) - (before.quantile(0.5) ?? 0))
    rate = narrow.flatMap { NetemDelays.isNew($0, rise: rise, shift) ? $0 : nil }
    wire = rate.map { NetemDelays.wire($0.estimate) } ?? 0
    let noise = own + wire * 0.3
    let level = Double(before.quantile(0.5) ?? 0) + wire
    count = now.sorted.count
    let added = now.sorted.map { Double($0) - level }
    quartiles =
      now.interval(0.75, by: NetemDelays.mixture, dependence: 1)
      - now.interval(0.25, by: NetemDelays.mixture, dependence: 1)
    isDelayed = NetemDelays.isDelayed(added, now.width, noise)
    guard isDelayed else {
      fits = [nil]
      return
    }
    let segment = try NetemDelays.segment(evidence, baseline)
    if let segment { side = (segment, "a delay") }
    fits = NetemDelays.kept(NetemDelays.candidates(added, noise), of: added.count)
    if NetemDelays.isMoving(now.values, noise + (fits.isEmpty ? 0 : now.width / 4)) { throw .moving }
    if fits.isEmpty { throw .shape }
  }

  /// Whether most answers take longer than the path's own variation, or some do and all vary by more.
  private static func isDelayed(_ added: [Double], _ width: Double, _ noise: Double) -> Bool {
    guard !added.isEmpty else { return false }
    let least = max(noise, Double(ClaimJudge.smallestDelay))
    return NetemFit.quantile(added, 0.5) > least || width > 2 * noise && NetemFit.quantile(added, 0.9) > least
  }

  /// Nanoseconds that a SYN, or its answer, takes on a link.
  private static func wire(_ rate: BitRate) -> Double { 74 * 8e9 / rate.bitsPerSecond }

  /// Whether a packet alone waits for the link, as behind netem's rate, and longer than before: a link that was there in the
  /// baseline, and a token bucket, make it wait no longer.
  private static func isNew(_ link: Link, rise: Double, _ median: OpenInterval<Int64>) -> Bool {
    let wire = wire(link.estimate)
    return Double(median.lower ?? 0) > 0.4 * wire && rise > 0.5 * wire && rise < 2 * wire + 100_000
  }

  private static func candidates(_ added: [Double], _ noise: Double) -> [NetemFit] {
    var found = NetemFit.all(added, noise: noise)
    // Those that are not delayed at all, beside those that are: netem's reordering.
    let atOnce = Double(added.count { $0 < noise }) / Double(added.count)
    let level = NetemFit.quantile(added, 0.5)
    let isApart = added.count { $0 >= noise && $0 < level / 2 } * 10 < added.count { $0 < noise }
    if atOnce >= leastAtOnce, atOnce < 0.6, isApart, level > 8 * noise {
      found += NetemFit.all(added, noise: noise, atOnce: atOnce)
    }
    return found
  }

  /// Those that chance alone would bring so far off once in a hundred times or more (Dvoretzky, Kiefer and Wolfowitz), the
  /// nearest first; where a delay that does not vary fits, the others say no more than it.
  private static func kept(_ fits: [NetemFit], of count: Int) -> [NetemFit?] {
    let most = (LibMath.log(2 / 0.01) / (2 * Double(count))).squareRoot()
    let fitting = fits.filter { $0.misfit <= most }
    if let steady = fitting.first(where: { $0.jitter == 0 }) { return [steady] }
    return fitting.sorted { $0.misfit < $1.misfit }
  }

  /// Whether the first half of the answers and the second differ by more than chance, and by more than `room`.
  private static func isMoving(_ times: [Int64], _ room: Double) -> Bool {
    let half = times.count / 2
    let first = times.prefix(half).sorted()
    let second = times.suffix(half).sorted()
    let shift = Shift.intervalOfMedians(second, over: first, confidence: 0.999)
    guard let lower = shift.lower, let upper = shift.upper else { return false }
    return Double(lower) > room || Double(upper) < -room
  }

  /// The segment that has what was added; nil where no stamp tells.
  private static func segment(
    _ evidence: Evidence, _ baseline: Evidence
  ) throws(NetemIdentification.Misfit) -> FaultPlace? {
    // Of a delay that is sometimes none, the upper quartile shows more than the middle.
    var added: [(Segment, Double)] = []
    for segment in Segment.allCases {
      let time = { (sample: Sample) in sample.time(in: segment) }
      // Without its stamps on both sides nobody knows what was added where.
      guard let now = evidence.times(time).quantile(0.75), let before = baseline.times(time).quantile(0.75) else {
        return nil
      }
      added.append((segment, max(Double(now - before), 0)))
    }
    let all = added.reduce(0) { $0 + $1.1 }
    guard all > 0, let leader = added.max(by: { $0.1 < $1.1 }) else { return nil }
    let others = added.filter { $0.0 != leader.0 && $0.1 > all * beside && $0.1 > leastNoise * 2 }
    guard others.isEmpty else {
      throw .places(([leader] + others).map { "a delay in \($0.0.rawValue)" })
    }
    return FaultPlace(leader.0)
  }

  private static func narrowest(_ evidence: Evidence) -> Link? {
    guard let width = evidence.rates.narrowest(by: mixture), let estimate = width.estimate,
      width.interval.lower != nil, width.interval.upper != nil
    else { return nil }
    let leaders = evidence.rates.rounds.compactMap(\.leader)
    let counts = RateRound.order.map { place in (place, leaders.count { $0 == place }) }
    guard let place = counts.max(by: { $0.1 < $1.1 })?.0 else { return nil }
    return (estimate, width.interval, place)
  }

  // MARK: What is said of it

  func parameters(_ fit: NetemFit) -> [NetemLine.Parameter] {
    let offset = Int64((fit.delay - centre(of: fit) - wire).rounded())
    var found = [
      NetemLine.Parameter(
        name: .delay, estimate: .time(Int64(fit.delay.rounded())),
        interval: .time(
          lower: median.lower.map { max($0 + offset, 0) }, upper: median.upper.map { max($0 + offset, 0) }))
    ]
    if fit.jitter > 0 {
      let unit = fit.shape.quantile(0.75) - fit.shape.quantile(0.25)
      let width = { (value: Int64) in Int64((Double(max(value, 0)) / unit).rounded()) }
      found.append(
        NetemLine.Parameter(
          name: .jitter, estimate: .time(Int64(fit.jitter.rounded())),
          interval: .time(lower: quartiles.lower.map(width), upper: quartiles.upper.map(width))))
    }
    if fit.atOnce > 0 {
      let interval = NetemDelays.mixture.interval(successes: fit.atOnce * Double(count), of: Double(count))
      found.append(
        NetemLine.Parameter(
          name: .reorder, estimate: .share(fit.atOnce),
          interval: .share(lower: interval.lowerBound, upper: interval.upperBound)))
    }
    return found
  }

  /// The middle of what it adds.
  private func centre(of fit: NetemFit) -> Double { fit.delay + fit.jitter * fit.shape.quantile(0.5) }

  var rateParameters: [NetemLine.Parameter] {
    guard let rate else { return [] }
    return [
      NetemLine.Parameter(
        name: .rate, estimate: .rate(rate.estimate),
        interval: .rate(lower: rate.interval.lower, upper: rate.interval.upper))
    ]
  }
}

extension Times {
  /// From the tenth part to the ninth, nanoseconds; 0 where too few are known.
  fileprivate var width: Double { Double((quantile(0.9) ?? 0) - (quantile(0.1) ?? 0)) }
}
