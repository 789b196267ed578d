internal import SynEdge
internal import SynProbe

/// A checked query of `/v1/ping`.
struct PingQuery {
  static let parameters =
    TargetParameter.names + ["count", "interval", "timeout", "mode", "direction"] + ResultFormat.parameters

  let target: TargetParameter
  let series: SeriesParameters
  let format: ResultFormat

  /// - Throws: `Problem` naming the parameter that is missing, unknown or wrong.
  init(_ query: RequestParameters, _ limits: ServiceLimits) throws(Problem) {
    var query = query
    let target = TargetParameter.Written(&query)
    series = try SeriesParameters(&query, limits)
    format = try ResultFormat(&query, PingReport.self, example: "rtt_ms.p50")
    try query.finish(known: PingQuery.parameters)
    self.target = try target.read()
  }
}
