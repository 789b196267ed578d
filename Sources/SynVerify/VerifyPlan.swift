package import SynCore
internal import SynProbe
public import SynVerdict
public import SynWire

/// What is claimed of a target, and how long it is measured to find out.
public struct VerifyPlan: Sendable, Codable {
  /// A target, as the user wrote it and as an address.
  public struct Host: Hashable, Sendable, Codable {
    /// As the user wrote it.
    public let input: String
    /// The address and port that are probed.
    public let endpoint: Endpoint

    /// Joins the fields.
    public init(input: String, endpoint: Endpoint) {
      self.input = input
      self.endpoint = endpoint
    }
  }

  /// Whom the claims are about.
  public var target: Host
  /// What is claimed; each is judged on its own.
  public var claims: [Claim]
  /// A target that the fault does not touch, measured alternately: the baseline, as it is now.
  public var control: Host?
  /// The baseline as it was before; not beside a control target.
  public var baseline: SavedBaseline?
  /// That no verdict is wrong, for all claims together; above 0, below 1.
  public var confidence = VerifyPlan.usualConfidence
  /// Probes to each target at most.
  public var mostProbes = VerifyPlan.usualMostProbes
  /// How long it takes at most.
  public var longest = VerifyPlan.usualLongest
  /// Time between the starts of two probes.
  public var interval = VerifyPlan.usualInterval
  /// How long an answer counts.
  public var timeout = Duration.seconds(2)
  /// Other ports of the target's address, to be asked when its own falls silent; none for not at all.
  public var siblings: [UInt16] = []
  /// The netem line that the claims were derived from, for what only its own words explain.
  public var injected: NetemSpec?

  /// The confidence where none is asked for.
  public static let usualConfidence = 0.95
  /// Probes at most where it is not said.
  public static let usualMostProbes = 2000
  /// The longest time where none is asked for.
  public static let usualLongest = Duration.seconds(60)
  /// Time between two probes where none is asked for.
  public static let usualInterval = Duration.milliseconds(20)

  /// Begins with the defaults.
  public init(target: Host, claims: [Claim]) {
    self.target = target
    self.claims = claims
  }

  /// The timeout where none is asked for: most of the time is for probing, not for the wait behind the last probe.
  public static func usualTimeout(within longest: Duration) -> Duration {
    min(.seconds(2), longest / 3)
  }

  /// The shortest timeout: what is less is no time for an answer.
  private static let leastTimeout = Duration.milliseconds(1)

  /// Why nothing can be measured in such times; nil where it can.
  package static func objection(timeout: Duration, longest: Duration) -> String? {
    if timeout < leastTimeout { return "\(timeout.text) is too short for any answer: give 1 ms or more" }
    guard timeout >= longest else { return nil }
    return "\(timeout.text) leaves no time to probe within \(longest.text)"
  }

  /// Whether a claim asks which way probes are lost, which takes listening for the target's repetitions.
  package var tellsDirection: Bool { claims.tellDirectionOfLoss }

  /// Whether how wide the path is is all that is claimed: probes tell nothing of it.
  private var asksTrainsAlone: Bool {
    claims.contains(where: \.isOfRate)
      && claims.allSatisfy { claim in
        if case .place = claim.content { true } else { claim.isOfRate }
      }
  }

  /// Rounds of trains: with ten a median has an interval for two claims at 99 % each, and with 40 a quarter may be disturbed.
  private static let mostRounds = 40

  /// Fewer rounds, where fewer probes than usual are allowed.
  private var rounds: Int {
    max(min(mostProbes, VerifyPlan.usualMostProbes) * VerifyPlan.mostRounds / VerifyPlan.usualMostProbes, 1)
  }

  /// The trains that a claim of a rate takes, ahead of the probes; nil without one.
  package var trains: TrainPlan? {
    guard claims.contains(where: \.isOfRate) else { return nil }
    let longest = asksTrainsAlone ? max(longest - timeout, longest / 2) : longest / 2
    return TrainPlan(
      rounds: rounds, mostProbes: rounds * TrainPacer.mostOfRound, longest: longest)
  }

  /// The source ports at which the baseline knows the target's clock: those are to be used again.
  package var baselinePorts: [UInt16] {
    var seen: Set<UInt16> = []
    return (baseline?.evidence.clock ?? []).map(\.port).filter { seen.insert($0).inserted }
  }

  /// Probes to each target: the wait behind the last one ends within the longest time.
  package var count: Int {
    let wait = tellsDirection ? max(timeout, LossTrail.listening) : timeout
    if asksTrainsAlone { return 1 }
    let room = (longest - wait - (trains?.longest ?? .zero)).nanoseconds / max(interval.nanoseconds, 1)
    return max(min(mostProbes, Int(clamping: room) + 1), 1)
  }

  /// Whom a series is about.
  package enum Side: CaseIterable, Sendable {
    case target, control
  }

  /// The series, in the order of the sides.
  package var allSeries: [SeriesPlan] { Side.allCases.compactMap(series) }

  /// The series to one of the two; those to the control target lie halfway between those to the target.
  package func series(_ side: Side) -> SeriesPlan? {
    switch side {
    case .target: targetSeries
    case .control: control.map { series(to: $0, delay: interval / 2) }
    }
  }

  private var targetSeries: SeriesPlan {
    var series = series(to: target, delay: .zero)
    series.listening = tellsDirection ? .forDirection : nil
    series.siblings = siblings
    series.trains = trains
    return series
  }

  private func series(to host: Host, delay: Duration) -> SeriesPlan {
    SeriesPlan(target: host.endpoint, count: count, interval: interval, timeout: timeout, delay: delay)
  }
}
