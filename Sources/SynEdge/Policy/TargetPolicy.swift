package import SynWire

/// Which targets the service probes: decided on the very address that is sent to.
///
/// 1. A deny rule that matches decides.
/// 2. A built-in denial decides, unless an allow rule lies within its block; an IPv4 address that the target embeds must
///    pass the same.
/// 3. Where there are allow rules, one of them must match.
package struct TargetPolicy: Sendable {
  /// Nil for all that is not denied.
  package let allowed: [TargetRule]?
  package let denied: [TargetRule]

  /// Joins the fields.
  package init(allowed: [TargetRule]?, denied: [TargetRule]) {
    self.allowed = allowed
    self.denied = denied
  }

  /// What this host is, as far as it must not be probed.
  package struct Surroundings: Sendable {
    /// Where this service listens.
    package var own: [Endpoint]
    /// The port at which every address of the loopback device leads here; nil where one address is listened at.
    package var loopbackPort: UInt16?
    /// The directed broadcast addresses of this host's networks.
    package var broadcasts: Set<IPAddress>

    /// Joins the fields.
    package init(own: [Endpoint] = [], loopbackPort: UInt16? = nil, broadcasts: Set<IPAddress> = []) {
      self.own = own
      self.loopbackPort = loopbackPort
      self.broadcasts = broadcasts
    }

    func isOwn(_ target: Endpoint) -> Bool {
      own.contains(target.unzoned) || target.address.isLoopback && target.port == loopbackPort
    }
  }

  /// Why a target is denied, in words for the answer.
  package struct Denial: Error, Hashable, Sendable {
    package let reason: String
  }

  /// - Throws: `Denial`, before anything was sent.
  package func check(_ target: Endpoint, _ surroundings: Surroundings) throws(Denial) {
    try checkRefusals(target, surroundings)
    guard allowed?.contains(where: { $0.matches(target) }) ?? true else {
      throw Denial(reason: "no allow rule names it")
    }
  }

  /// All but the need of an allow rule: what embedded addresses must pass as well.
  private func checkRefusals(_ target: Endpoint, _ surroundings: Surroundings) throws(Denial) {
    if let rule = denied.first(where: { $0.matches(target) }) {
      throw Denial(reason: "the deny rule \(rule.text) names it")
    }
    if surroundings.isOwn(target), !(allowed ?? []).contains(where: { $0.isExactly(target) }) {
      throw Denial(reason: "this service listens there")
    }
    let rules = (allowed ?? []).filter { $0.matches(target) }
    if surroundings.broadcasts.contains(target.address), !rules.contains(where: \.prefix.isSingle) {
      throw Denial(reason: "it is the broadcast address of a network of this host")
    }
    let matching = BuiltInDenial.all.filter { $0.prefix.contains(target.address) }
    for denial in matching + [BuiltInDenial.isatap(target.address)].compactMap({ $0 }) {
      guard rules.contains(where: { denial.prefix.contains($0.prefix) }) else {
        throw Denial(
          reason: "\(denial.prefix) (\(denial.name)) is denied unless an allow rule within it names the target")
      }
      for bits in denial.embedded(target.address.bits) {
        try checkRefusals(Endpoint(address: IPAddress(v4: bits), port: target.port), surroundings)
      }
    }
  }
}
