import HTTPTypes
import NIOHTTP1
import Testing

@testable import SynEdge
@testable import SynHTTP

@Suite struct Heads {
  private static let rules = RequestRules(hosts: HostRule(["probe.example"]), postOnly: ["/post"])

  /// What becomes of a request: the target that the routes see, or the status of the refusal.
  private static func check(
    _ method: HTTPMethod, _ uri: String, _ headers: [(String, String)], version: HTTPVersion = .http1_1
  ) -> String {
    var head = HTTPRequestHead(version: version, method: method, uri: uri, headers: HTTPHeaders(headers))
    do throws(Problem) { try rules.check(&head) } catch { return "\(error.kind.status.code)" }
    return head.uri
  }

  @Test(
    arguments: [
      ("127.0.0.1:9115", "/"), ("[::1]:9115", "/"), ("localhost", "/"), ("LOCALHOST.:80", "/"),
      ("probe.example:443", "/"), ("Probe.Example.", "/"), ("203.0.113.9", "/"), ("evil.example", "421"),
      ("localhost.evil.example", "421"), ("127.0.0.1.nip.io", "421"), ("", "400"), ("user@localhost", "400"),
      ("localhost:80:80", "400"), ("localhost:x", "400"), ("[::1", "400"), ("[127.0.0.1]", "400"), ("a b", "400"),
      ("localhost/", "400"), ("löcalhost", "400"),
    ])
  func aHostIsOneOfTheServicesNames(_ host: String, _ result: String) {
    #expect(Self.check(.GET, "/", [("Host", host)]) == result)
  }

  @Test func aBodyIsRefusedWhereTheMethodHasNoneAndTheMethodWhereThePathHasItNot() {
    let fields = [("Host", "localhost"), ("Content-Length", "3")]
    #expect(Self.check(.GET, "/", fields) == "413")
    #expect(Self.check(.GET, "/post?x=1", fields) == "405")
    #expect(Self.check(.POST, "/post", fields) == "/post")
  }

  @Test func theHostIsGivenOnceSince11() {
    #expect(Self.check(.GET, "/", []) == "400")
    #expect(Self.check(.GET, "/", [("Host", "localhost"), ("host", "localhost")]) == "400")
    #expect(Self.check(.GET, "/", [], version: .http1_0) == "/")
    #expect(Self.check(.GET, "/", [("Host", "localhost")], version: HTTPVersion(major: 2, minor: 0)) == "505")
  }

  @Test(
    arguments: [
      ("http://localhost/a?b", "/a?b"), ("HTTPS://127.0.0.1:1", "/"), ("http://localhost?b", "/?b"),
      ("http://evil.example/", "421"), ("http://localhost@evil.example/", "400"), ("ftp://localhost/", "400"),
      ("*", "405"), ("localhost:80", "400"), ("", "400"), ("//evil.example/", "//evil.example/"),
    ])
  func anAbsoluteTargetIsThisServices(_ uri: String, _ result: String) {
    #expect(Self.check(.GET, uri, [("Host", "localhost")]) == result)
  }

  @Test(
    arguments: [
      ([("Content-Length", "0")], "/"), ([("Content-Length", "1")], "413"), ([("Transfer-Encoding", "chunked")], "413"),
      ([("Content-Length", "+1")], "400"), ([("Content-Length", "-1")], "400"), ([("Content-Length", "")], "400"),
      ([("Content-Length", "0"), ("Content-Length", "1")], "400"), ([("Transfer-Encoding", "gzip, chunked")], "501"),
      ([("Transfer-Encoding", "identity")], "501"),
      ([("Transfer-Encoding", "chunked"), ("Content-Length", "0")], "400"),
      ([("Content-Length", "99999999999999999999999")], "413"),
    ])
  func aGetTakesNoBody(_ headers: [(String, String)], _ result: String) {
    #expect(Self.check(.GET, "/", [("Host", "localhost")] + headers) == result)
  }

  @Test func aPostTakesABoundedBody() {
    #expect(Self.check(.POST, "/", [("Host", "localhost"), ("Content-Length", "65536")]) == "/")
    #expect(Self.check(.POST, "/", [("Host", "localhost"), ("Content-Length", "65537")]) == "413")
    #expect(Self.check(.POST, "/", [("Host", "localhost"), ("Transfer-Encoding", "Chunked")]) == "/")
  }

  @Test func sizesAreBounded() {
    let host = ("Host", "localhost")
    #expect(Self.check(.GET, "/" + String(repeating: "a", count: 4095), [host]).count == 4096)
    #expect(Self.check(.GET, "/" + String(repeating: "a", count: 4096), [host]) == "414")
    #expect(Self.check(.GET, "/", [host] + (1...99).map { ("X-\($0)", "") }) == "/")
    #expect(Self.check(.GET, "/", [host] + (1...100).map { ("X-\($0)", "") }) == "431")
    #expect(Self.check(.GET, "/", [host, ("X", String(repeating: "a", count: 16_384))]) == "431")
  }

  @Test func theServiceIsNoProxy() {
    #expect(Self.check(.CONNECT, "localhost:80", [("Host", "localhost")]) == "405")
    #expect(Self.check(.OPTIONS, "*", [("Host", "localhost")]) == "405")
  }
}
