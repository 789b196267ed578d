internal import SynCore
internal import SynProbe
internal import SynVerdict
internal import SynWire

/// The words about one target, for people.
struct SummaryText {
  private let measurement: Measurement
  private var statistics: SeriesStatistics { measurement.statistics }

  init(_ measurement: Measurement) {
    self.measurement = measurement
  }

  /// What is probed, and how.
  var header: String {
    guard let path = measurement.path else { return "\(verb) \(name): no route" }
    return "\(verb) \(name) from \(path.source) via \(path.interface)"
  }

  /// The way that probes have come to take beside the first.
  var furtherPath: String {
    guard let path = measurement.paths.last else { return "" }
    return "\(verb) \(name) from \(path.source) via \(path.interface) too"
  }

  /// The summary of a series that was listened to until this moment.
  func lines(heardUntil moment: MonotonicInstant) -> [String] {
    [counts, direction(moment), listener].compactMap { $0 } + drops
      + [roundTrips, segments, anomalies].compactMap { $0 }
  }

  /// The endpoint, behind the name that the user gave.
  private var name: String {
    measurement.input == "\(measurement.target)" ? measurement.input : "\(measurement.input) (\(measurement.target))"
  }

  private var counts: String {
    let attempted = statistics.attempted
    var parts = ["\(attempted) probe\(attempted == 1 ? "" : "s")"]
    for kind in ProbeOutcome.Kind.allCases where kind == .open || statistics.count(kind) > 0 {
      parts.append("\(statistics.count(kind)) \(kind.rawValue)" + (kind == .lost ? losses : ""))
    }
    return "--- \(name): \(parts.joined(separator: ", ")); mode \(measurement.mode.rawValue)"
  }

  private var verb: String { measurement.mode == .connect ? "connect" : "SYN" }

  private var losses: String {
    let places = LossPlace.allCases.compactMap { place in statistics.losses[place].map { "\(place.rawValue) \($0)" } }
    guard let ratio = statistics.loss.ratio else { return " (\(places.joined(separator: ", ")))" }
    // What was cut short, and what was sent after it, is in no ratio.
    let whole = statistics.loss.count < statistics.attempted ? " of the first \(statistics.loss.count)" : ""
    return " (\(SummaryText.percent(ratio))\(whole): \(places.joined(separator: ", ")))"
  }

  /// Which way probes were lost; nil where that is not asked for, or none was.
  private func direction(_ moment: MonotonicInstant) -> String? {
    guard let direction = measurement.direction(at: moment), let network = statistics.losses[.network] else {
      return nil
    }
    var parts = ["forward \(direction.forward)", "back \(direction.back)"]
    let undecided = network - direction.forward - direction.back
    if undecided > 0 { parts.append("undecided \(undecided)") }
    var text = "which way   " + parts.joined(separator: ", ")
    if let shares = direction.shares {
      text += "; forward \(SummaryText.text(shares.forward)), back \(SummaryText.text(shares.back))"
    }
    return text + (direction.reason.map { "; \($0)" } ?? "")
  }

  private var listener: String? {
    measurement.listener.flatMap { $0.state == .answers ? nil : "listener    \($0.meaning)" }
  }

  /// What in this host dropped probes, as the kernel says, or its counters where they agree: others prove nothing.
  private var drops: [String] {
    measurement.dropEvidence.compactMap { drop in
      let place = drop.place.rawValue
      switch drop.word {
      case .traced: return "dropped by  \(drop.count) in \(place): \(drop.what)"
      case .agree where drop.count == UInt64(drop.lost):
        return "dropped by  \(drop.lost) lost in \(place) = \(drop.count) counted by \(drop.what)"
      case .agree:
        let beside = drop.place == .egress ? "refused" : "repeated by the target"
        return
          "dropped by  \(drop.lost) lost in \(place), and what was \(beside) = \(drop.count) counted by \(drop.what)"
      case .differ: return nil
      }
    }
  }

  private static func text(_ share: LossDirection.Share) -> String {
    let (lower, upper) = (share.interval.lowerBound, share.interval.upperBound)
    return "\(percent(share.ratio)) (\(percent(lower))..\(percent(upper)))"
  }

  static func percent(_ ratio: Double) -> String {
    let tenths = Int((ratio * 1_000).rounded())
    return "\(tenths / 10).\(tenths % 10)%"
  }

  private var roundTrips: String? {
    let distribution = statistics.roundTrip
    guard let minimum = distribution.minimum, let maximum = distribution.maximum,
      let quantiles = distribution.quantiles([0.5, 0.9, 0.99])
    else { return nil }
    let values = [
      ("min", minimum), ("p50", quantiles[0]), ("p90", quantiles[1]), ("p99", quantiles[2]), ("max", maximum),
    ]
    return "rtt ms      " + values.map { "\($0.0) \($0.1.millisecondsText)" }.joined(separator: "  ")
  }

  /// How the round trips are spread: a line for each bucket from the first to the last that holds one.
  var histogram: [String] {
    let counts = statistics.roundTrips.counts
    guard let first = counts.firstIndex(where: { $0 > 0 }), let last = counts.lastIndex(where: { $0 > 0 }),
      let most = counts.max()
    else { return [] }
    let bounds = LatencyHistogram.bounds.map(\.text)
    return (first...last).map { index in
      let bound = index < bounds.count ? "..\(bounds[index])" : "\(bounds.last ?? "").."
      let bar = String(repeating: "█", count: Int((Double(counts[index]) / Double(most) * 40).rounded(.up)))
      let label = bound + String(repeating: " ", count: max(12 - bound.count, 1))
      let count = "\(counts[index])"
      return label + count + (bar.isEmpty ? "" : String(repeating: " ", count: max(8 - count.count, 1)) + bar)
    }
  }

  private var segments: String? {
    let medians = [
      ("egress", statistics.egress), ("network", statistics.network), ("ingress", statistics.ingress),
    ].compactMap { name, distribution in distribution.quantile(0.5).map { "\(name) \($0.millisecondsText)" } }
    return medians.isEmpty ? nil : "where ms    \(medians.joined(separator: "  "))   (medians)"
  }

  private var anomalies: String? {
    let seen = Anomaly.allCases.compactMap { kind in
      statistics.anomalies[kind].map { $0 == 1 ? "1 \(kind.noun(1))" : kind.noun($0) }
    }
    return seen.isEmpty ? nil : "also        \(seen.joined(separator: ", "))"
  }
}
