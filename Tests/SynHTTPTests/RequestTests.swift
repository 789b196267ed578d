import SynCore
import SynProbe
import SynWire
import Testing

@testable import SynEdge
@testable import SynHTTP

@Suite struct Requests {
  /// The parameter that a problem names.
  private static func parameter(_ body: () throws(Problem) -> Void) -> String? {
    do throws(Problem) { try body() } catch { return error.parameter ?? "" }
    return nil
  }

  @Test(
    arguments: [
      ("/v1/ping?target=a%3A80", "target", "a:80"), ("/v1/ping?target=a+b", "target", "a b"),
      ("/v1/ping?a=%252e&target=1", "target", "1"), ("/v1/ping?target", "target", ""),
      ("/v1/ping?&&target=%C3%A9&", "target", "é"), ("/v1/ping?target=a=b?c", "target", "a=b?c"),
      ("/v1/ping?target=a#b", "target", "a"),
    ])
  func aQueryIsDecodedOnce(_ target: String, _ name: String, _ value: String) throws {
    var query = try RequestParameters(target: target)
    #expect(query.take(name) == value)
  }

  @Test(
    arguments: [
      ("target=1&target=1", "target"), ("target=1&tar%67et=2", "target"), ("target=%", "target"),
      ("target=%4", "target"),
      ("target=%zz", "target"), ("target=%ff", "target"), ("target=%c0%ae", "target"), ("%ff=1", "%ff"),
    ])
  func aQueryThatWouldHaveToBeGuessedAtIsRefused(_ query: String, _ name: String) {
    #expect(Self.parameter { () throws(Problem) in _ = try RequestParameters(target: "/?\(query)") } == name)
  }

  @Test func aQueryHasABoundedNumberOfParameters() throws {
    let query = { (count: Int) in "/?" + (1...count).map { "p\($0)=1" }.joined(separator: "&") }
    #expect(throws: Never.self) { try RequestParameters(target: query(32)) }
    #expect(throws: Problem.self) { try RequestParameters(target: query(33)) }
  }

  /// The encodings with which others were made to probe what they must not (blackbox_exporter's issue 1639).
  @Test(
    arguments: [
      ("target=0x7f000001:80", "target"), ("target=0x7f.0.0.1:80", "target"), ("target=0177.0.0.1:80", "target"),
      ("target=2130706433:80", "target"), ("target=127.1:80", "target"), ("target=127.0.0.1%00:80", "target"),
      ("target=127.0.0.1%2580", "target"), ("target=user@127.0.0.1:80", "target"), ("target=127.0.0.1:80/", "target"),
      ("target=http://127.0.0.1:80", "target"), ("target=%5B::1%25lo%5D:80", "target"), ("target=::1:80", "target"),
      ("target=127.0.0.1", "target"), ("target=127.0.0.1:0", "target"), ("target=127.0.0.1:65536", "target"),
      ("target=127.0.0.1:080", "target"), ("target=127.0.0.1:%2B80", "target"), ("target=127.0.0.1:80+", "target"),
      ("target=127.0.0.1:%EF%BC%98%EF%BC%90", "target"), ("target=%EF%BC%91.0.0.1:80", "target"),
      ("target=", "target"), ("target=:80", "target"), ("ip=127.0.0.1", "port"), ("port=80", "ip"),
      ("ip=127.0.0.1:80&port=80", "ip"), ("ip=%5B::1%5D&port=80", "ip"), ("ip=127.0.0.1&port=http", "port"),
      ("target=192.0.2.1:80&ip=192.0.2.1", "target"), ("target=192.0.2.1:80&count=0", "count"),
      ("target=192.0.2.1:80&count=1001", "count"), ("target=192.0.2.1:80&count=-1", "count"),
      ("target=192.0.2.1:80&count=1e2", "count"), ("target=192.0.2.1:80&interval=200", "interval"),
      ("target=192.0.2.1:80&interval=1us", "interval"), ("target=192.0.2.1:80&interval=0s", "interval"),
      ("target=192.0.2.1:80&timeout=61s", "timeout"), ("target=192.0.2.1:80&timeout=25h", "timeout"),
      ("target=192.0.2.1:80&timeout=999999999999999999999s", "timeout"), ("target=192.0.2.1:80&count=1000", "count"),
      ("target=192.0.2.1:80&interval=20s", "interval"), ("target=192.0.2.1:80&mode=udp", "mode"),
      ("target=192.0.2.1:80&format=xml", "format"), ("target=192.0.2.1:80&format=value", "field"),
      ("target=192.0.2.1:80&format=value&field=rtt_ms..p50", "field"), ("target=192.0.2.1:80&field=attempted", "field"),
      ("target=192.0.2.1:80&tiemout=1s", "tiemout"), ("", "target"),
    ])
  func aWrongParameterIsNamed(_ query: String, _ name: String) {
    let problem = Self.parameter { () throws(Problem) in
      _ = try PingQuery(RequestParameters(target: "/v1/ping?\(query)"), ServiceLimits())
    }
    #expect(problem == name)
  }

  @Test(arguments: ["0.0.0.0:80", "224.0.0.1:80", "255.255.255.255:80", "[ff02::1]:80", "[fe80::1]:80", "[::]:80"])
  func anAddressThatIsNoHostsIsDeniedRatherThanBadlyWritten(_ target: String) {
    #expect {
      try PingQuery(RequestParameters(target: "/v1/ping?target=\(target)"), ServiceLimits())
    } throws: { ($0 as? Problem)?.kind == .targetDenied }
  }

  @Test func aQueryIsAPlan() throws {
    let query = try PingQuery(
      RequestParameters(target: "/v1/ping?ip=2001:db8::1&port=443&count=3&interval=1s&timeout=500ms&mode=connect"),
      ServiceLimits())
    #expect(query.target.target.host == .address(try #require(IPAddress("2001:db8::1"))))
    #expect(query.target.target.port == 443)
    #expect(query.target.name == "ip")
    #expect(query.series.count == 3)
    #expect(query.series.longest == .milliseconds(2500))
    #expect(query.series.mode == .connect)
  }
}

@Suite struct ScrapeTimeouts {
  @Test(arguments: ["", "0", "-1", "nan", "NaN", "inf", "Infinity", "abc", "0x10", "1s", " 5", "1e999", "-0", "1_0"])
  func whatIsNoPositiveNumberOfSecondsIsRefused(_ text: String) {
    #expect(throws: Problem.self) { try ScrapeTimeout(text) }
  }

  @Test(
    arguments: [
      ("10", 9_500_000_000), ("1", 500_000_000), ("0.6", 300_000_000), ("0.001", 500_000), ("1e9", 599_500_000_000),
      ("10.5", 10_000_000_000), ("1e-300", 0),
    ] as [(String, Int64)])
  func aScrapeLeavesTimeForTheWayBack(_ text: String, _ nanoseconds: Int64) throws {
    #expect(try ScrapeTimeout(text).budget == .nanoseconds(nanoseconds))
  }

  @Test(arguments: ["600", "10", "3", "1", "0.3", "0.01", "0.0001"], [1, 2, 5, 1000])
  func aSeriesThatIsFittedEndsInTime(_ text: String, _ count: Int) throws {
    var series = SeriesParameters()
    series.count = count
    let timeout = try ScrapeTimeout(text)
    let fitted = timeout.fit(series, shortest: .milliseconds(1))
    #expect((1...count).contains(fitted.count))
    #expect(fitted.interval >= .milliseconds(1))
    #expect(fitted.longest <= max(timeout.budget, .microseconds(100)))
    #expect(fitted.timeout > .zero)
  }

  @Test(
    arguments: [
      ("10", 20, 50, true, 50), ("4.9", 20, 50, true, 50), ("4.5", 20, 50, true, 31), ("3.92", 20, 50, false, 50),
      ("3.9", 1, 50, true, 50), ("3.8", 1, 50, false, 50), ("1", 5, 200, false, 62),
    ] as [(String, Int, Int, Bool, Int64)])
  func aWayIsToldWhereThereIsTimeToListen(
    _ text: String, _ count: Int, _ interval: Int, _ tells: Bool, _ fittedInterval: Int64
  ) throws {
    var series = SeriesParameters()
    (series.count, series.interval, series.timeout) = (count, .milliseconds(interval), .seconds(1))
    series.tellsDirection = true
    let timeout = try ScrapeTimeout(text)
    let fitted = timeout.fit(series, shortest: .milliseconds(2))
    #expect(fitted.tellsDirection == tells && fitted.count == count)
    #expect(fitted.interval.nanoseconds / 1_000_000 == fittedInterval)
    #expect(fitted.longest <= timeout.budget)
  }

  @Test func aSeriesThatFitsIsLeftAlone() throws {
    #expect(
      try ScrapeTimeout("10").fit(SeriesParameters(), shortest: .milliseconds(1), after: .seconds(5))
        == SeriesParameters())
  }
}
