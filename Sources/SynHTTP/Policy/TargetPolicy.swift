internal import SynWire

/// Which targets the service probes: decided on the very address that is sent to.
///
/// 1. A deny rule that matches decides.
/// 2. A built-in denial decides, unless an allow rule lies within its block; an IPv4 address that the target embeds must
///    pass the same.
/// 3. Where there are allow rules, one of them must match.
struct TargetPolicy: Sendable {
  /// Nil for all that is not denied.
  let allowed: [TargetRule]?
  let denied: [TargetRule]

  /// What this host is, as far as it must not be probed.
  struct Surroundings: Sendable {
    /// Where this service listens.
    var own: [Endpoint] = []
    /// The port at which every address of the loopback device leads here; nil where one address is listened at.
    var loopbackPort: UInt16?
    /// The directed broadcast addresses of this host's networks.
    var broadcasts: Set<IPAddress> = []

    func isOwn(_ target: Endpoint) -> Bool {
      own.contains(target.unzoned) || target.address.isLoopback && target.port == loopbackPort
    }
  }

  /// Why a target is denied, in words for the answer.
  struct Denial: Error, Hashable, Sendable {
    let reason: String
  }

  /// - Throws: `Denial`, before anything was sent.
  func check(_ target: Endpoint, _ surroundings: Surroundings) throws(Denial) {
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
