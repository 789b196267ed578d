internal import SynCore
internal import SynVerify

/// How long, how often and how much a verification probes, within the bounds of the service.
struct VerifyTimes {
  let longest: Duration
  let timeout: Duration
  let interval: Duration
  let mostProbes: Int

  /// Takes `max_time`, `timeout`, `interval` and `max_probes` from a query.
  /// - Throws: `Problem` naming what is wrong, or beyond the limits.
  init(_ query: inout QueryString, _ usualInterval: Int64, _ limits: ServiceLimits) throws(Problem) {
    longest =
      try query.take("max_time").map { text throws(Problem) in try SeriesParameters.duration(text, "max_time") }
      ?? min(.seconds(60), limits.duration)
    guard longest <= limits.duration else {
      throw Problem.bad(
        "max_time", "\(longest.text) is more than \(limits.duration.text), the longest that a request may take here")
    }
    timeout =
      try query.take("timeout").map { text throws(Problem) in try SeriesParameters.duration(text, "timeout") }
      ?? VerifyPlan.usualTimeout(within: longest)
    if let reason = VerifyPlan.objection(timeout: timeout, longest: longest) { throw Problem.bad("timeout", reason) }
    interval =
      try query.take("interval").map { text throws(Problem) in
        try SeriesParameters.duration(text, "interval")
      } ?? max(.nanoseconds(usualInterval), limits.interval)
    guard interval >= limits.interval else {
      throw Problem.bad("interval", "\(interval.text) is below \(limits.interval.text), the shortest interval here")
    }
    let most = limits.verificationCount
    mostProbes =
      try query.take("max_probes").map { text throws(Problem) in
        guard let count = Int(plain: text, in: 1...most) else {
          throw Problem.bad("max_probes", "'\(text.escaped)' is not a number of probes from 1 to \(most)")
        }
        return count
      } ?? min(2000, most)
  }
}
