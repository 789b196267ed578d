internal import FoundationEssentials
internal import SynCore
internal import SynEdge
internal import SynProbe
internal import SynVerdict

/// The JSON body of a verification: the parameters of the query as members, the claims in an object, and a baseline.
struct VerifyBody {
  let parameters: RequestParameters
  let claims: [(name: String, value: String)]
  let baseline: PingReport?

  /// Reads a body; parameters may stand in the request target as well, each in one place.
  /// - Throws: `Problem` naming the member that is wrong.
  init(_ text: String, _ target: String) throws(Problem) {
    var parameters = try RequestParameters(target: target)
    // How deep it nests is looked at first: a decoder that recurses is not asked to find out.
    guard JSONTree.isShallow(text), let members = try? JSONDecoder().decode(Members.self, from: Data(text.utf8)) else {
      throw Problem.bad(
        "body", "the body is not a JSON object, as {\"target\":\"IP:PORT\",\"claims\":{\"loss\":\"..1%\"}}")
    }
    if let name = JSONTree.doubledMember(of: text) { throw RequestParameters.twice(name.escaped) }
    guard !members.hasOtherBaseline else {
      throw Problem.bad("baseline", "'baseline' is not a ping result, as /v1/ping answers")
    }
    for (name, value) in members.others.sorted(by: { $0.key < $1.key }) {
      switch value {
      case .null: continue  // null is what many clients write for nothing.
      case .leaf(let text):
        guard !Claim.names.contains(name) else {
          throw Problem.bad(name, "'\(name)' is a claim: it stands in 'claims'")
        }
        try parameters.add(name, text)
      default: throw Problem.bad(name.escaped, "'\(name.escaped)' is a text or a number")
      }
    }
    var claims = try VerifyBody.claims(members.claims)
    for name in Claim.names {
      guard let text = parameters.take(name) else { continue }
      guard !claims.contains(where: { $0.name == name }) else { throw RequestParameters.twice(name) }
      claims.append((name, text))
    }
    self.parameters = parameters
    self.claims = claims
    baseline = members.baseline
  }

  private static func claims(_ tree: JSONTree?) throws(Problem) -> [(name: String, value: String)] {
    guard let tree else { return [] }
    guard case .object(let members) = tree else {
      throw Problem.bad("claims", "'claims' is an object, as {\"loss\":\"..1%\",\"where\":\"network\"}")
    }
    if let name = members.keys.sorted().first(where: { !Claim.names.contains($0) }) {
      throw Problem.bad(
        name.escaped, "there is no claim '\(name.escaped)'; the claims are \(Claim.names.joined(separator: ", "))")
    }
    var claims: [(name: String, value: String)] = []
    for name in Claim.names {
      switch members[name] {
      case nil, .null?, .leaf("false")?: continue  // What is not claimed may be said too.
      case .leaf(let text)?: claims.append((name, text))
      default: throw Problem.bad(name, "'\(name)' is a text, or true")
      }
    }
    return claims
  }

  /// The body in one reading: a baseline as what it is, everything else by its name.
  private struct Members: Decodable {
    var claims: JSONTree?
    var baseline: PingReport?
    /// Whether there is a baseline that is no ping result.
    var hasOtherBaseline = false
    var others: [String: JSONTree] = [:]

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: ReportKey.self)
      for key in container.allKeys {
        switch key.stringValue {
        case "claims": claims = try container.decodeIfPresent(JSONTree.self, forKey: key)
        case "baseline":
          do { baseline = try container.decodeIfPresent(PingReport.self, forKey: key) } catch {
            hasOtherBaseline = true
          }
        default: others[key.stringValue] = try container.decodeIfPresent(JSONTree.self, forKey: key) ?? .null
        }
      }
    }
  }
}
