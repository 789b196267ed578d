internal import SynCore
internal import SynEdge
internal import SynProbe
internal import SynVerdict
internal import SynVerify
internal import SynWire

/// How a target is to be probed as long as somebody looks, and what is claimed of it: of a stream or a monitor.
struct LiveRequest {
  /// What may be set beside the target and the claims.
  static let settings = ["interval", "timeout", "window", "mode", "direction"] + conditions.map(\.rawValue)
  /// Settings that claims depend on.
  static let conditions: [VerifySetting] = [.netem, .path, .confidence]

  var interval = Duration.milliseconds(200)
  var timeout = Duration.seconds(2)
  var window = SharedSeries.usualWindow
  var mode: ProbeMode?
  /// Whether to tell which way probes are lost.
  var tellsDirection = false
  /// What judges the claims; nil without any.
  private(set) var judge: WindowJudge?
  /// The claims and what they depend on, as they were written: equal where they are.
  private(set) var written: [(name: String, value: String)] = []

  /// Takes all but the target from parameters.
  /// - Throws: `Problem` naming what is wrong, or cannot be told of a window.
  init(
    _ parameters: inout RequestParameters, claims: [(name: String, value: String)], baseline: PingReport?,
    _ limits: ServiceLimits
  ) throws(Problem) {
    interval = try LiveRequest.duration(&parameters, "interval") ?? max(interval, limits.interval)
    timeout = try LiveRequest.duration(&parameters, "timeout") ?? min(timeout, limits.duration)
    let fullest = interval * ProbeWindow.usualMost
    window = try LiveRequest.duration(&parameters, "window") ?? max(min(window, fullest), .seconds(1))
    mode = try SeriesParameters.mode(&parameters)
    tellsDirection = try SeriesParameters.direction(&parameters)
    guard interval >= limits.interval else {
      throw Problem.bad("interval", "\(interval.text) is below \(limits.interval.text), the shortest interval here")
    }
    guard timeout <= limits.duration else {
      throw Problem.bad("timeout", "\(timeout.text) is above \(limits.duration.text), the longest wait here")
    }
    guard (.seconds(1)...SharedSeries.longestWindow).contains(window) else {
      throw Problem.bad("window", "\(window.text) is out of range: 1 s to \(SharedSeries.longestWindow.text)")
    }
    guard window <= max(fullest, .seconds(1)) else {
      throw Problem.bad(
        "window",
        "\(window.text) at an interval of \(interval.text) are more than \(ProbeWindow.usualMost) probes, the most of a window:"
          + " take \(fullest.text) or less")
    }
    try judge(&parameters, claims, baseline, limits)
  }

  private mutating func judge(
    _ parameters: inout RequestParameters, _ claims: [(name: String, value: String)], _ baseline: PingReport?,
    _ limits: ServiceLimits
  ) throws(Problem) {
    written = claims
    var draft = VerifyDraft(VerifyDraft.Bounds())
    draft.interval = interval
    draft.hasBaseline = baseline != nil
    let terms: VerifyTerms
    do throws(VerifyDraft.Objection) {
      for (name, value) in claims { try draft.claim(name, value) }
      for setting in LiveRequest.conditions {
        guard let text = parameters.take(setting.rawValue) else { continue }
        try draft.set(setting, text)
        written.append((setting.rawValue, text))
      }
      guard !written.isEmpty else { return }
      terms = try draft.settled()
    } catch { throw Problem(error) }
    for claim in terms.claims {
      guard let reason = WindowJudge.objection(to: claim) else { continue }
      throw Problem.bad(claim.name, "\(claim.name): \(reason); /v1/verify does that")
    }
    judge = WindowJudge(terms, baseline: try baseline.map(VerifyRequest.saved))
  }

  private static func duration(_ parameters: inout RequestParameters, _ name: String) throws(Problem) -> Duration? {
    guard let text = parameters.take(name) else { return nil }
    return try SeriesParameters.duration(text, name)
  }

  /// A name of the claims that is equal where they are.
  var claimsName: String { written.map { "\($0.name)=\($0.value)" }.joined(separator: "\n") }

  /// How an admitted target is to be probed.
  func terms(_ endpoint: Endpoint) -> LiveTerms {
    LiveTerms(endpoint: endpoint, mode: mode, interval: interval, timeout: timeout, tellsDirection: tellsDirection)
  }
}
