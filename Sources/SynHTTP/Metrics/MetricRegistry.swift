internal import Metrics
internal import Synchronization

/// The metrics of the service itself, behind swift-metrics' protocol: any other factory could stand in its place.
///
/// A label is the metric's whole name; dimensions are its labels. There are as many of them as the program has words
/// for: nothing that a client sends becomes one.
final class MetricRegistry: MetricsFactory {
  /// The bounds of every timer, seconds.
  static let bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

  fileprivate struct Key: Hashable {
    let name: String
    let labels: [String]
  }

  private let numbers = Mutex<[Key: Number]>([:])
  private let timers = Mutex<[Key: TimeHistogram]>([:])
  private let help: [String: String]

  /// Starts empty; `help` explains each metric by its name.
  init(help: [String: String]) {
    self.help = help
  }

  func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    number(label, dimensions)
  }

  func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    number(label, dimensions)
  }

  func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
    aggregate ? timer(label, dimensions) : number(label, dimensions)
  }

  func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    timer(label, dimensions)
  }

  func destroyCounter(_ handler: any CounterHandler) {}
  func destroyMeter(_ handler: any MeterHandler) {}
  func destroyRecorder(_ handler: any RecorderHandler) {}
  func destroyTimer(_ handler: any TimerHandler) {}

  private func number(_ label: String, _ dimensions: [(String, String)]) -> Number {
    numbers.withLock { numbers in
      let key = Key(name: label, labels: dimensions.flatMap { [$0.0, $0.1] })
      let number = numbers[key] ?? Number()
      numbers[key] = number
      return number
    }
  }

  private func timer(_ label: String, _ dimensions: [(String, String)]) -> TimeHistogram {
    timers.withLock { timers in
      let key = Key(name: label, labels: dimensions.flatMap { [$0.0, $0.1] })
      let timer = timers[key] ?? TimeHistogram()
      timers[key] = timer
      return timer
    }
  }

  /// What was counted, in the order of the names and labels.
  var families: [MetricFamily] {
    var families: [String: MetricFamily] = [:]
    for (key, number) in numbers.withLock({ $0 }).sorted(by: { $0.key.labels.lexicographicallyPrecedes($1.key.labels) })
    {
      let isCounter = key.name.hasSuffix("_total")
      let name = isCounter ? String(key.name.dropLast("_total".count)) : key.name
      var family = families[name] ?? MetricFamily(name, isCounter ? .counter : .gauge, help[key.name] ?? "")
      let value = number.value
      family.samples.append(
        MetricFamily.Sample(
          suffix: isCounter ? "_total" : "", labels: key.pairs,
          value: value.rounded() == value && abs(value) < 1e15 ? "\(Int64(value))" : value.metricText))
      families[name] = family
    }
    for (key, timer) in timers.withLock({ $0 }).sorted(by: { $0.key.labels.lexicographicallyPrecedes($1.key.labels) }) {
      var family = families[key.name] ?? MetricFamily(key.name, .histogram, help[key.name] ?? "")
      let (counts, sum) = timer.contents
      family.add(counts: counts, bounds: MetricRegistry.bounds, sum: sum, labels: key.pairs)
      families[key.name] = family
    }
    return families.values.sorted { $0.name < $1.name }
  }
}

extension MetricRegistry.Key {
  fileprivate var pairs: [(name: String, value: String)] {
    stride(from: 0, to: labels.count - 1, by: 2).map { (labels[$0], labels[$0 + 1]) }
  }
}
