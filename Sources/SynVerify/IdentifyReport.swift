internal import SynCore
public import SynProbe
public import SynVerdict

/// The JSON of an identification, schema `synprobe.identify/1`: numbers are numbers, units are in the keys, absent is absent.
public struct IdentifyReport: Sendable {
  /// What came of it.
  public enum Verdict: String, CaseIterable, Sendable {
    /// There are lines that explain what is seen.
    case explained
    /// No line does.
    case unexplained
    /// Too few probes tell.
    case inconclusive
  }

  /// Name and version of this form.
  public internal(set) var schema = "synprobe.identify/1"
  /// What came of it.
  public var verdict: Verdict
  /// In one sentence without a full stop.
  public var reason: String
  /// Who was probed.
  public var target: PingReport.Target
  /// The lines of netem that explain what is seen, the nearest first.
  public var lines: [Line]
  /// What was measured, without its probes.
  public var measurement: PingReport
  /// What it was compared with, without its probes.
  public var baseline: PingReport

  /// A line of netem.
  public struct Line: Sendable {
    /// The words for tc.
    public var line: String
    /// Where it sits: egress, forward, back, network (either way) or ingress; absent where nothing
    /// tells.
    public var side: String?
    /// How far the distribution of its delays is from what was added, 0 to 1.
    public var misfit: Double
    /// Its numbers.
    public var parameters: [Parameter]
  }

  /// A number that netem was told.
  public struct Parameter: Sendable {
    /// Which one, as `delay`.
    public var name: String
    /// The best single value, milliseconds.
    public var estimateMs: Double?
    /// Where the true one lies, milliseconds; absent where an end of it is unknown.
    public var intervalMs: ClosedRange<Double>?
    /// The best single value of a share, 0 to 1.
    public var estimateRatio: Double?
    /// Where the true share lies.
    public var intervalRatio: ClosedRange<Double>?
    /// The best single value of a width, bits a second.
    public var estimateBps: Double?
    /// Where the true width lies; absent where an end of it is unknown.
    public var intervalBps: ClosedRange<Double>?
  }
}

extension Identification {
  /// What is known so far as a report.
  public func report() -> IdentifyReport {
    let result = result
    let measurement = measurement.report(ended: latest, includesProbes: false)
    var baseline = plan.baseline.report
    baseline.probes = nil
    baseline.clocks = nil
    return IdentifyReport(
      verdict: result.verdict, reason: "\(result.verdict.rawValue): \(plan.target.input): \(result.sentence)",
      target: measurement.target, lines: result.lines.map(IdentifyReport.Line.init), measurement: measurement,
      baseline: baseline)
  }
}

extension NetemIdentification {
  /// The lines that explain what is seen; none where none does.
  public var lines: [NetemLine] {
    if case .explained(let lines) = self { lines } else { [] }
  }

  /// What came of it.
  public var verdict: IdentifyReport.Verdict {
    switch self {
    case .explained: .explained
    case .unexplained: .unexplained
    case .tooFew: .inconclusive
    }
  }

  /// A sentence without a full stop.
  var sentence: String {
    switch self {
    case .explained(let lines):
      let others = lines.count - 1
      let more = others > 0 ? " (and \(others == 1 ? "1 more line" : "\(others) more lines"))" : ""
      return (lines.first.map { "what is seen is as of \($0.words)" } ?? "") + more
    case .unexplained(let misfit): return misfit.description
    case .tooFew(let shortage): return shortage.description
    }
  }
}

extension NetemLine {
  /// The line and its place: `netem 'delay 100ms' in the network`.
  var words: String { "netem '\(text)'" + (side.map { " \(NetemLine.words(for: $0))" } ?? "") }

  private static func words(for side: FaultPlace) -> String {
    switch side {
    case .egress: "in this host's egress"
    case .ingress: "in this host's ingress"
    case .network: "in the network"
    case .forward: "in the network, on the way to the target"
    case .back: "in the network, on the way back"
    }
  }
}

extension IdentifyReport.Line {
  fileprivate init(_ line: NetemLine) {
    self.init(
      line: line.text, side: line.side?.rawValue, misfit: line.misfit,
      parameters: line.parameters.map(IdentifyReport.Parameter.init))
  }
}

extension IdentifyReport.Parameter {
  fileprivate init(_ parameter: NetemLine.Parameter) {
    name = parameter.name.rawValue
    switch parameter.estimate {
    case .time(let nanoseconds): estimateMs = Duration.nanoseconds(nanoseconds).milliseconds
    case .share(let share): estimateRatio = share
    case .rate(let rate): estimateBps = rate.bitsPerSecond
    case .place: break
    }
    switch parameter.interval {
    case .time(let lower?, let upper?):
      intervalMs = Duration.nanoseconds(lower).milliseconds...Duration.nanoseconds(upper).milliseconds
    case .share(let lower, let upper): intervalRatio = lower...upper
    case .rate(let lower?, let upper?): intervalBps = lower.bitsPerSecond...upper.bitsPerSecond
    case .time, .rate: break
    }
  }
}
