/// A metric with its samples, as both text formats of Prometheus know it.
struct MetricFamily: Sendable {
  /// What kind of number it is.
  enum Kind: String, Sendable {
    case counter, gauge, histogram, info
  }

  /// One line: a label set and a number.
  struct Sample: Sendable {
    /// What follows the family's name, as `_bucket`.
    var suffix = ""
    var labels: [(name: String, value: String)] = []
    var value: String
  }

  /// The name without `_total` or `_info`.
  let name: String
  let help: String
  let kind: Kind
  var samples: [Sample] = []

  init(_ name: String, _ kind: Kind, _ help: String) {
    self.name = name
    self.kind = kind
    self.help = help
  }

  /// The family of one number without labels.
  init(_ name: String, _ kind: Kind, _ help: String, value: some MetricNumber) {
    self.init(name, kind, help)
    add(value)
  }

  /// Adds a number of a counter, gauge or info.
  mutating func add(_ value: some MetricNumber, _ labels: (name: String, value: String)...) {
    let suffix = kind == .counter ? "_total" : kind == .info ? "_info" : ""
    samples.append(Sample(suffix: suffix, labels: labels, value: value.metricText))
  }

  /// Adds a histogram: the counts of each bucket alone, the last of those beyond all bounds.
  mutating func add(
    counts: [UInt64], bounds: [Double], sum: Double, labels: [(name: String, value: String)] = []
  ) {
    var total: UInt64 = 0
    for (index, count) in counts.enumerated() {
      total += count
      let bound = index < bounds.count ? bounds[index].metricText : "+Inf"
      samples.append(Sample(suffix: "_bucket", labels: labels + [("le", bound)], value: total.metricText))
    }
    samples.append(Sample(suffix: "_sum", labels: labels, value: sum.metricText))
    samples.append(Sample(suffix: "_count", labels: labels, value: total.metricText))
  }
}

/// A number that can be exposed.
protocol MetricNumber {
  /// Its text in both formats.
  var metricText: String { get }
}

extension Double: MetricNumber {
  /// The shortest text that reads back as the same number.
  var metricText: String {
    if isNaN { return "NaN" }
    if isInfinite { return self < 0 ? "-Inf" : "+Inf" }
    return "\(self)"
  }
}

extension UInt64: MetricNumber {
  var metricText: String { "\(self)" }
}

extension Int: MetricNumber {
  var metricText: String { "\(self)" }
}
