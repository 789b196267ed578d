internal import FoundationEssentials
internal import SynCore
internal import SynProbe
internal import SynVerdict

/// The JSON body of a verification: the parameters of the query as members, the claims in an object, and a baseline.
struct VerifyBody {
  let query: QueryString
  let baseline: PingReport?

  /// Reads a body; parameters may stand in the request target as well, each in one place.
  /// - Throws: `Problem` naming the member that is wrong.
  init(_ text: String, _ target: String) throws(Problem) {
    var query = try QueryString(target: target)
    guard let tree = try? JSONTree(text), case .object(let members) = tree else {
      throw Problem.bad(
        "body", "the body is not a JSON object, as {\"target\":\"IP:PORT\",\"claims\":{\"loss\":\"..1%\"}}")
    }
    for (name, value) in members.sorted(by: { $0.key < $1.key }) {
      switch (name, value) {
      case ("claims", .object(let claims)): try VerifyBody.add(claims, to: &query)
      case ("claims", _):
        throw Problem.bad("claims", "'claims' is an object, as {\"loss\":\"..1%\",\"where\":\"network\"}")
      case ("baseline", _), (_, .null): continue  // null is what many clients write for nothing.
      case (_, .leaf(let text)):
        guard !Claim.names.contains(name) else {
          throw Problem.bad(name, "'\(name)' is a claim: it stands in 'claims'")
        }
        try query.add(name, text)
      default: throw Problem.bad(name.escaped, "'\(name.escaped)' is a text or a number")
      }
    }
    self.query = query
    switch members["baseline"] {
    case nil, .null?: baseline = nil
    default: baseline = try VerifyBody.baseline(text)
    }
  }

  private static func add(_ claims: [String: JSONTree], to query: inout QueryString) throws(Problem) {
    for (name, value) in claims.sorted(by: { $0.key < $1.key }) {
      guard Claim.names.contains(name) else {
        throw Problem.bad(
          name.escaped,
          "there is no claim '\(name.escaped)'; the claims are \(Claim.names.joined(separator: ", "))")
      }
      if case .null = value { continue }
      guard case .leaf(let text) = value else { throw Problem.bad(name, "'\(name)' is a text, or true") }
      // What is not claimed may be said too.
      if text != "false" { try query.add(name, text) }
    }
  }

  private static func baseline(_ text: String) throws(Problem) -> PingReport {
    struct Body: Decodable { let baseline: PingReport }
    do { return try JSONDecoder().decode(Body.self, from: Data(text.utf8)).baseline } catch {
      throw Problem.bad("baseline", "'baseline' is not a ping result, as /v1/ping answers")
    }
  }
}
