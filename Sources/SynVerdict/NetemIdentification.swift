internal import SynCore

/// Which lines of netem explain what was seen, by the probes of a run and those of a baseline.
public enum NetemIdentification: Hashable, Sendable {
  /// These do, the nearest first.
  case explained([NetemLine])
  /// No line does, and why.
  case unexplained(Misfit)
  /// So few probes tell nothing: so many more are needed.
  case tooFew(Shortage)

  /// What is missing.
  public enum Shortage: Hashable, Sendable, CustomStringConvertible {
    /// The run has too few probes.
    case probes(missing: Int)
    /// Too few answers tell how long they took.
    case answers(missing: Int)
    /// The baseline has too few answers.
    case baseline(missing: Int)
    /// This host lost something of it itself.
    case unsound(String)

    /// A sentence without a full stop.
    public var description: String {
      switch self {
      case .probes(let missing): "too few probes tell: \(missing) more are needed"
      case .answers(let missing): "too few answers tell how long they took: \(missing) more are needed"
      case .unsound(let words): words
      case .baseline(let missing):
        "the baseline has too few answers: \(missing) more are needed, save one with synprobe ping -c 100 -o json"
      }
    }
  }

  /// Why no line explains it.
  public enum Misfit: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nothing differs from the baseline.
    case nothing
    /// What is seen is in several places, and one line is in one.
    case places([String])
    /// The delays are spread as none of netem's distributions.
    case shape
    /// The level of the delay moved while it was measured.
    case moving
    /// What is lost follows on what was lost in another way than any of netem's models.
    case bursts
    /// A link that is narrow to packets in a row alone: a token bucket.
    case bucket(BitRate)
    /// Something that no line of netem does: answers that are refused, or blocked here.
    case other(String)

    /// A sentence without a full stop.
    public var description: String {
      switch self {
      case .nothing: "no fault is seen: nothing differs from the baseline"
      case .places(let places):
        "no netem line explains it: one line is in one place, and there is \(places.joined(separator: ", "))"
      case .shape: "no netem line explains it: the delays are spread as none of netem's distributions"
      case .moving: "no netem line explains it: the delay changed while it was measured"
      case .bursts: "no netem line explains it: what is lost comes in bursts of another kind than netem's"
      case .bucket(let rate):
        "no netem line explains it: the path is \(rate.text) wide, and a packet alone does not wait, as behind a token bucket"
          + " (tbf rate \(rate.text)), unless it was as wide before"
      case .other(let words): "no netem line explains it: \(words)"
      }
    }
  }

  /// Fewer probes tell nothing of a share of a few percent, nor of a distribution.
  public static let fewestProbes = 200
  /// Fewer answers tell no distribution.
  public static let fewestAnswers = 60
  /// Fewer answers of the baseline do not tell what the path itself varies by.
  public static let fewestOfBaseline = 20

  /// Finds them.
  /// - Parameters:
  ///   - evidence: The probes of the run.
  ///   - baseline: Those without the fault.
  ///   - interval: Nanoseconds between the starts of two probes.
  ///   - fewest: Below so many probes it abstains, and below half as many answers.
  /// - Returns: The lines, or why there are none.
  public static func find(
    _ evidence: Evidence, baseline: Evidence, interval: Int64, fewest: Int = fewestProbes
  ) -> NetemIdentification {
    if let shortage = shortage(evidence, baseline, fewest) { return .tooFew(shortage) }
    do throws(Misfit) {
      let shares = try NetemShares(evidence, baseline)
      let delays = try NetemDelays(evidence, baseline)
      let side = try side([shares.side, delays.side, delays.rate.map { ($0.place, "a narrow link") }])
      let lines = delays.fits.map { fit in line(fit, shares, delays, side) }
      let kept = lines.filter { isBorneOut($0, evidence, baseline, interval) }
      guard let first = kept.first else { throw delays.isDelayed ? .shape : .other("what is lost is as of none") }
      guard !first.text.isEmpty else { throw delays.narrow.map { .bucket($0.estimate) } ?? .nothing }
      return .explained(kept)
    } catch { return .unexplained(error) }
  }

  private static func shortage(_ evidence: Evidence, _ baseline: Evidence, _ fewest: Int) -> Shortage? {
    if evidence.captureDrops > 0 { return .unsound("this host lost packets before they could be seen") }
    if evidence.clockSteps > 0 { return .unsound("the clock was stepped meanwhile") }
    let known = baseline.roundTrips.quantile(0.5) == nil ? 0 : baseline.roundTrips.values.count
    if known < fewestOfBaseline { return .baseline(missing: fewestOfBaseline - known) }
    if evidence.sent.count < fewest { return .probes(missing: fewest - evidence.sent.count) }
    let answers = evidence.roundTrips.values.count
    // Nothing but losses is a line of its own.
    let needed = min(fewestAnswers, fewest / 2)
    if answers > 0, answers < needed { return .answers(missing: needed - answers) }
    return nil
  }

  /// The one place of all that was seen, nil where nothing tells; a way through the network is more than the network.
  private static func side(_ found: [(place: FaultPlace, what: String)?]) throws(Misfit) -> FaultPlace? {
    let known = found.compactMap { $0 }
    guard let first = known.first else { return nil }
    guard known.allSatisfy({ $0.place.segment == first.place.segment }) else {
      throw .places(known.map { "\($0.what) in \($0.place.rawValue)" })
    }
    let ways = Set(known.compactMap(\.place.way))
    guard ways.count <= 1 else { throw .places(known.map { "\($0.what) \($0.place.rawValue)" }) }
    return ways.first.flatMap { FaultPlace(rawValue: $0.rawValue) } ?? first.place
  }

  private static func line(_ fit: NetemFit?, _ shares: NetemShares, _ delays: NetemDelays, _ side: FaultPlace?)
    -> NetemLine
  {
    var spec = shares.spec
    var parameters: [NetemLine.Parameter] = []
    if let fit {
      spec.delay = Int64(fit.delay.rounded())
      spec.jitter = Int64(fit.jitter.rounded())
      spec.distribution = fit.shape
      spec.reorder = fit.atOnce
      parameters = delays.parameters(fit)
    }
    spec.rate = delays.rate.map { $0.estimate.bitsPerSecond / 8 }
    return NetemLine(
      spec: spec, side: side, parameters: parameters + shares.parameters + delays.rateParameters,
      misfit: fit?.misfit ?? 0)
  }

  /// Whether no claim that follows from a line is refuted: the same that `verify --netem` would judge.
  private static func isBorneOut(
    _ line: NetemLine, _ evidence: Evidence, _ baseline: Evidence, _ interval: Int64
  ) -> Bool {
    let path: FaultPath = line.side?.segment == .egress ? .egress : .peer
    guard let claims = try? line.spec.claims(.init(path: path, hasBaseline: true, interval: interval)) else {
      return true
    }
    // In this host's ingress the same happens, and elsewhere.
    let judged = claims.filter { claim in
      if case .place = claim.content { false } else { !claim.isOfRate }
    }
    let findings = ClaimJudge(judged).judge(evidence, baseline: .init(baseline, isFixed: true))
    return findings.allSatisfy { $0.verdict != .mismatch }
  }
}
