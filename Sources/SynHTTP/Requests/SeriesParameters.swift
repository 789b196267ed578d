public import SynCore
internal import SynEdge
internal import SynProbe
internal import SynVerdict

/// How a request, or a module of `/probe`, wants a target probed.
public struct SeriesParameters: Sendable, Hashable {
  /// How many probes.
  public var count = 5
  /// Time between the starts of two probes.
  public var interval = Duration.milliseconds(200)
  /// How long an answer counts.
  public var timeout = Duration.seconds(2)
  /// How to probe; nil for the best way there is.
  public var mode: ProbeMode?
  /// Whether to tell which way probes are lost.
  public var tellsDirection = false

  /// The defaults of a request.
  public init() {}

  /// Takes `count`, `interval`, `timeout` and `mode` from a query.
  init(_ query: inout RequestParameters, _ limits: ServiceLimits) throws(Problem) {
    if let text = query.take("count") { count = try SeriesParameters.count(text, limits) }
    if let text = query.take("interval") { interval = try SeriesParameters.duration(text, "interval") }
    if let text = query.take("timeout") { timeout = try SeriesParameters.duration(text, "timeout") }
    mode = try SeriesParameters.mode(&query)
    tellsDirection = try SeriesParameters.direction(&query)
    try check(limits)
  }

  /// - Throws: `Problem` naming what is beyond the limits.
  func check(_ limits: ServiceLimits) throws(Problem) {
    guard count <= limits.count else {
      throw Problem.bad("count", "\(count) probes are more than \(limits.count), the most of a request here")
    }
    guard interval >= limits.interval else {
      throw Problem.bad("interval", "\(interval.text) is below \(limits.interval.text), the shortest interval here")
    }
    guard longest <= limits.duration else {
      throw Problem.bad(
        longestPart,
        "\(count) probes every \(interval.text) \(waitWords) may take \(longest.text):"
          + " more than \(limits.duration.text), the longest that a request may take here")
    }
  }

  /// How long it takes at most.
  var longest: Duration { interval * (count - 1) + wait }

  /// How many probes it sends at most: beside its own, two witnesses a second.
  var probes: Int { tellsDirection ? count + 2 * Int(longest.components.seconds) + 2 : count }

  private var wait: Duration { tellsDirection ? max(timeout, LossTrail.listening) : timeout }

  private var longestPart: String {
    if wait > interval * (count - 1) { return wait > timeout ? "direction" : "timeout" }
    return interval > .milliseconds(200) ? "interval" : "count"
  }

  private var waitWords: String {
    wait > timeout ? "and \(wait.text) of listening for a direction" : "with a timeout of \(timeout.text)"
  }

  private static func count(_ text: String, _ limits: ServiceLimits) throws(Problem) -> Int {
    guard let count = Int(plain: text, in: 1...limits.count) else {
      throw Problem.bad("count", "'\(text.escaped)' is not a number of probes from 1 to \(limits.count)")
    }
    return count
  }

  /// Takes `mode` from a query; nil for `auto`, and where it is not there.
  static func mode(_ query: inout RequestParameters) throws(Problem) -> ProbeMode? {
    guard let text = query.take("mode"), text != "auto" else { return nil }
    guard let mode = ProbeMode(rawValue: text) else {
      throw Problem.bad("mode", "'\(text.escaped)' is none of auto, syn, connect")
    }
    return mode
  }

  /// Takes `direction` from a query; false where it is not there.
  static func direction(_ query: inout RequestParameters) throws(Problem) -> Bool {
    switch query.take("direction") {
    case nil, "false"?: return false
    case "true"?: return true
    case let text?: throw Problem.bad("direction", "'\(text.escaped)' is neither true nor false")
    }
  }

  /// Reads a duration, above 0 and up to a day.
  static func duration(_ text: String, _ parameter: String) throws(Problem) -> Duration {
    do throws(Duration.ParseError) { return try Duration.parse(text) } catch {
      throw Problem.bad(parameter, "\(error)")
    }
  }
}

extension Duration {
  /// As parameters and the configuration file have it.
  var compactText: String { text.filter { $0 != " " } }
}
