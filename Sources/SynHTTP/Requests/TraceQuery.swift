internal import SynCore
internal import SynEdge
internal import SynProbe

/// A checked query of `/v1/trace`.
struct TraceQuery {
  static let parameters = TargetParameter.names + ["queries", "max_hops", "paths", "timeout"] + ResultFormat.parameters
  static let field = "paths.0.hops.0.addresses.0.rtt_ms.p50"

  let target: TargetParameter
  let plan: TracePlan
  let timeout: Duration
  let format: ResultFormat

  /// - Throws: `Problem` naming the parameter that is missing, unknown, wrong, or beyond the limits.
  init(_ query: RequestParameters, _ limits: ServiceLimits) throws(Problem) {
    var query = query
    let target = TargetParameter.Written(&query)
    let queries = try TraceQuery.number(&query, "queries", 3, upTo: TracePlan.mostQueries)
    let hops = try TraceQuery.number(&query, "max_hops", 30, upTo: Int(UInt8.max))
    let paths = try TraceQuery.number(&query, "paths", 1, upTo: TracePlan.mostPaths)
    if let text = query.take("timeout") {
      timeout = try SeriesParameters.duration(text, "timeout")
    } else {
      timeout = TracePlan.usualTimeout
    }
    plan = TracePlan(paths: paths, probes: queries, mostHops: UInt8(hops))
    format = try ResultFormat(&query, TraceReport.self, example: TraceQuery.field)
    try query.finish(known: TraceQuery.parameters)
    self.target = try target.read()
    try check(limits)
  }

  private func check(_ limits: ServiceLimits) throws(Problem) {
    guard plan.mostProbes <= limits.count else {
      throw Problem.bad(
        "queries",
        "\(plan.probes) for each of \(plan.mostHops) hops on \(plan.paths) paths are \(plan.mostProbes) probes:"
          + " more than \(limits.count), the most of a request here")
    }
    let longest = plan.longest(timeout: timeout)
    guard longest <= limits.duration else {
      throw Problem.bad(
        "timeout",
        "a trace with a timeout of \(timeout.text) may take \(longest.text):"
          + " more than \(limits.duration.text), the longest that a request may take here")
    }
  }

  private static func number(
    _ query: inout RequestParameters, _ name: String, _ usual: Int, upTo most: Int
  ) throws(Problem) -> Int {
    guard let text = query.take(name) else { return usual }
    guard let number = Int(plain: text, in: 1...most) else {
      throw Problem.bad(name, "'\(text.escaped)' is not a number from 1 to \(most)")
    }
    return number
  }
}
