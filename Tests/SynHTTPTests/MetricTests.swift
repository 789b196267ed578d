import Metrics
import Testing

@testable import SynHTTP

@Suite struct MetricTexts {
  private static var families: [MetricFamily] {
    var counter = MetricFamily("a_things", .counter, "Things\nof \\ kinds.")
    counter.add(3, ("kind", "x\"y\\z\n"))
    counter.add(0, ("kind", ""))
    var info = MetricFamily("a_build", .info, "Build.")
    info.add(1, ("version", "1"))
    var histogram = MetricFamily("a_time_seconds", .histogram, "Time.")
    histogram.add(counts: [1, 0, 2], bounds: [5e-05, 0.1], sum: 1.25)
    let empty = MetricFamily("a_nothing", .gauge, "Nothing.")
    return [counter, info, histogram, MetricFamily("a_level", .gauge, "Level.", value: -0.5), empty]
  }

  @Test func textIs004() {
    #expect(
      Exposition.text.write(Self.families) == #"""
        # HELP a_things_total Things\nof \\ kinds.
        # TYPE a_things_total counter
        a_things_total{kind="x\"y\\z\n"} 3
        a_things_total{kind=""} 0
        # HELP a_build_info Build.
        # TYPE a_build_info gauge
        a_build_info{version="1"} 1
        # HELP a_time_seconds Time.
        # TYPE a_time_seconds histogram
        a_time_seconds_bucket{le="5e-05"} 1
        a_time_seconds_bucket{le="0.1"} 1
        a_time_seconds_bucket{le="+Inf"} 3
        a_time_seconds_sum 1.25
        a_time_seconds_count 3
        # HELP a_level Level.
        # TYPE a_level gauge
        a_level -0.5

        """#)
  }

  @Test func openMetricsNamesFamiliesWithoutTheirSuffixAndEnds() {
    let text = Exposition.openMetrics.write(Self.families)
    #expect(text.contains("# TYPE a_things counter\na_things_total{"))
    #expect(text.contains("# TYPE a_build info\na_build_info{"))
    #expect(text.hasSuffix("\n# EOF\n"))
  }

  @Test(
    arguments: [
      (nil, "text"), ("*/*", "text"), ("text/plain", "text"), ("application/json", "text"),
      ("application/openmetrics-text", "open"), ("application/openmetrics-text;version=1.0.0,text/plain;q=0.5", "open"),
      ("application/openmetrics-text;version=2.0.0,text/plain;q=0.5", "text"),
      ("text/plain;q=0.9, Application/OpenMetrics-Text ; version=0.0.1 ; q=0.8", "text"),
      ("application/openmetrics-text;q=0", "text"), ("application/openmetrics-text;q=x", "open"), (",;,", "text"),
      // What Prometheus 2 sends.
      (
        "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,"
          + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2", "open"
      ),
    ] as [(String?, String)])
  func theFormatIsTheOneThatIsAskedFor(_ accept: String?, _ format: String) {
    #expect(
      Exposition(accept: accept).contentType.hasPrefix(format == "open" ? "application/openmetrics" : "text/plain"))
  }

  @Test func aRegistryTakesTheMetricsOfSwiftMetrics() {
    let registry = MetricRegistry(help: ["requests_total": "Requests."])
    Counter(label: "requests_total", dimensions: [("route", "/b")], factory: registry).increment()
    Counter(label: "requests_total", dimensions: [("route", "/a")], factory: registry).increment(by: 2)
    Counter(label: "requests_total", dimensions: [("route", "/b")], factory: registry).increment(by: 40)
    Meter(label: "level", dimensions: [], factory: registry).set(2.5)
    Timer(label: "time_seconds", dimensions: [], factory: registry).recordNanoseconds(2_000_000)
    let text = Exposition.text.write(registry.families)
    #expect(text.contains("# HELP requests_total Requests.\n# TYPE requests_total counter\n"))
    #expect(text.contains("requests_total{route=\"/a\"} 2\nrequests_total{route=\"/b\"} 41\n"))
    #expect(text.contains("level 2.5\n"))
    #expect(text.contains("time_seconds_bucket{le=\"0.001\"} 0\ntime_seconds_bucket{le=\"0.0025\"} 1\n"))
    #expect(text.contains("time_seconds_sum 0.002\ntime_seconds_count 1\n"))
  }
}
