package import NIOHTTP1
internal import SynCore
internal import SynProbe

/// What the head of a request must keep to before any route sees it.
package struct RequestRules: Sendable {
  /// The longest request target, bytes.
  package static let longestURI = 4096
  /// The size of all header fields with their names, bytes.
  package static let largestHeaders = 16 * 1024
  /// How many header fields there may be.
  package static let mostHeaders = 100
  /// The largest body of a method that takes one, bytes.
  package static let largestBody = 64 * 1024

  package let hosts: HostRule
  /// Paths that take a POST alone.
  package var postOnly: Set<String> = []

  /// Takes the scheme and authority off an absolute-form target (RFC 9112 section 3.2.2), once they are checked.
  /// - Throws: `Problem` for what is refused; the connection is then to be closed.
  package func check(_ head: inout HTTPRequestHead) throws(Problem) {
    guard head.uri.utf8.count <= RequestRules.longestURI else {
      throw Problem(.uriTooLong, "the request target is longer than \(RequestRules.longestURI) bytes")
    }
    try checkSize(head.headers)
    guard head.version.major == 1 else {
      throw Problem(.versionNotSupported, "HTTP/\(head.version.major).\(head.version.minor) is not spoken here")
    }
    try checkHost(head)
    try checkTarget(&head)
    try checkBody(head)
  }

  private func checkSize(_ headers: HTTPHeaders) throws(Problem) {
    let size = headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
    guard headers.count <= RequestRules.mostHeaders, size <= RequestRules.largestHeaders else {
      throw Problem(.headersTooLarge, "the request has more than 100 header fields or 16 KiB of them")
    }
  }

  private func checkHost(_ head: HTTPRequestHead) throws(Problem) {
    let values = head.headers["host"]
    guard let host = values.first else {
      if head.version.minor == 0 { return }
      throw Problem(.badRequest, "the header field Host is missing")
    }
    guard values.count == 1 else { throw Problem(.badRequest, "the header field Host is given more than once") }
    try check(authority: host)
  }

  private func check(authority: String) throws(Problem) {
    switch hosts.accepts(authority) {
    case true?: return
    case false?: throw Problem(.misdirected, "this service is not '\(authority.escaped)'; --host adds a name to it")
    case nil: throw Problem(.badRequest, "'\(authority.escaped)' is not a host with an optional port")
    }
  }

  private func checkTarget(_ head: inout HTTPRequestHead) throws(Problem) {
    guard head.method != .CONNECT, head.uri != "*" else {
      throw Problem(
        .methodNotAllowed, "\(head.method.rawValue.escaped) is not served: this is no proxy", allow: ["GET", "HEAD"])
    }
    if head.uri.hasPrefix("/") { return }
    for scheme in ["http://", "https://"] where head.uri.lowercased().hasPrefix(scheme) {
      let rest = head.uri.dropFirst(scheme.count)
      let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
      try check(authority: String(rest[..<end]))
      head.uri = rest[end...].hasPrefix("/") ? String(rest[end...]) : "/\(rest[end...])"
      return
    }
    throw Problem(.badRequest, "the request target is neither a path nor a URI of this service")
  }

  private func checkBody(_ head: HTTPRequestHead) throws(Problem) {
    let codings = head.headers[canonicalForm: "transfer-encoding"]
    let lengths = head.headers["content-length"]
    guard codings.isEmpty || lengths.isEmpty else {
      throw Problem(.badRequest, "Transfer-Encoding and Content-Length exclude each other")
    }
    guard codings.isEmpty || codings.map({ $0.lowercased() }) == ["chunked"] else {
      throw Problem(.notImplemented, "of the transfer codings only 'chunked' is understood")
    }
    guard Set(lengths).count <= 1,
      lengths.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } })
    else { throw Problem(.badRequest, "Content-Length is not a number") }
    let length = lengths.first.map { Int($0) ?? .max } ?? 0
    // What no route has is refused for its method, whatever it brings.
    let takesBody = ![.GET, .HEAD].contains(head.method)
    guard takesBody || codings.isEmpty && length == 0 else {
      let path = String(head.uri.prefix { !"?#".contains($0) })
      guard !postOnly.contains(path) else {
        throw Problem(
          .methodNotAllowed, "\(head.method.rawValue) is not among the methods of this path", allow: ["POST"])
      }
      throw Problem(.bodyTooLarge, "\(head.method.rawValue) takes no body here")
    }
    guard length <= RequestRules.largestBody else {
      throw Problem(.bodyTooLarge, "the body is larger than 64 KiB")
    }
  }

  /// Whether the client waits for leave to send a body (RFC 9110 section 10.1.1).
  package static func expectsContinue(_ head: HTTPRequestHead) -> Bool {
    let hasBody =
      head.headers.contains(name: "transfer-encoding") || head.headers.first(name: "content-length") ?? "0" != "0"
    return hasBody && head.version.minor >= 1
      && head.headers["expect"].contains { $0.lowercased() == "100-continue" }
  }
}
