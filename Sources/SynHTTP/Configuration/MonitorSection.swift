internal import SynCore
internal import SynEdge
internal import SynProbe
internal import SynVerdict
internal import SynYAML

/// One monitor of the configuration file, as it is written.
struct MonitorSection: Sendable {
  let id: String
  private let place: String
  private var members: [(name: String, value: String)] = []
  private var claims: [(name: String, value: String)] = []

  /// Reads one of the section `monitors`.
  init(file: ConfigurationFile, id: String, _ section: YAMLNode) throws(ConfigurationError) {
    self.id = id
    place = "monitors.\(id.escaped)"
    let letters = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.".utf8)
    guard (1...64).contains(id.utf8.count), id.utf8.allSatisfy(letters.contains) else {
      throw ConfigurationError(
        file.place(section, place), "a monitor's name has 1 to 64 letters, digits, hyphens, underscores and dots")
    }
    for (name, node) in try file.members(of: section, place) {
      guard name == "claims" else {
        members.append((name, try file.text(of: node, "\(place).\(name)")))
        continue
      }
      for (claim, value) in try file.members(of: node, "\(place).claims") {
        guard Claim.names.contains(claim) else {
          throw ConfigurationError(
            file.place(value, "\(place).claims"),
            "there is no claim '\(claim.escaped)'; the claims are \(Claim.names.joined(separator: ", "))")
        }
        claims.append((claim, try file.text(of: value, "\(place).claims.\(claim)")))
      }
    }
  }

  /// What it means within these limits.
  func definition(_ limits: ServiceLimits) throws(ConfigurationError) -> MonitorDefinition {
    do throws(Problem) {
      var parameters = try RequestParameters(target: "")
      for member in members { try parameters.add(member.name, member.value) }
      let body = (members + claims).map { "\($0.name): \($0.value)" }.joined(separator: "\n")
      return try MonitorDefinition(parameters, claims: claims, body: body, limits)
    } catch {
      throw ConfigurationError(place, error.detail)
    }
  }
}
