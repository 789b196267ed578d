internal import SynCore
public import SynVerdict

extension VerifyPlan {
  /// Claims that the limits leave no room to confirm, in sentences: however well all goes, they can only be refuted.
  public var unconfirmable: [String] {
    let judge = ClaimJudge(claims, confidence: confidence)
    return claims.compactMap { claim in
      guard let needed = judge.fewestProbes(confirming: claim), needed > count else { return nil }
      let limit =
        count < mostProbes ? "the longest time of \(longest.text) leaves room for \(count)" : "\(count) are allowed"
      return
        "\(claim.name) \(claim.expected) takes about \(needed) probes to confirm, however well all goes, and \(limit)"
    }
  }
}

extension VerifyPlan {
  /// All claims of a request: those that are written, and those that a fault means, of which a written one goes before.
  /// - Parameters:
  ///   - written: As the user gave them.
  ///   - fault: What was injected, in the injector's words.
  ///   - path: Where it sits, as the user says.
  ///   - hasBaseline: Whether there is a baseline.
  ///   - interval: Nanoseconds between two probes.
  /// - Returns: One claim or more, each word once.
  /// - Throws: `ClaimError` where there is none, or a fault cannot be seen from here.
  public static func claims(
    _ written: [Claim], fault: InjectedFault?, path: FaultPath?, hasBaseline: Bool, interval: Int64
  ) throws(ClaimError) -> [Claim] {
    let meant = try fault?.claims(path: path, hasBaseline: hasBaseline, interval: interval) ?? []
    let names = Set(written.map(\.name))
    let claims = written + meant.filter { !names.contains($0.name) }
    guard !claims.isEmpty else { throw ClaimError("nothing is claimed: what must hold?") }
    for claim in claims where claim.needsBaseline && !hasBaseline {
      throw ClaimError("the claim \(claim.name) needs a baseline: a saved result, or a control target")
    }
    return claims
  }

  /// The interval that shows a fault: netem reorders only probes that are closer together than its delay.
  public static func interval(showing fault: InjectedFault?) -> Int64 {
    let usual = usualInterval.nanoseconds
    guard let netem = fault?.netem, netem.reorder > 0 else { return usual }
    return min(max(netem.delay / 5, 1_000_000), usual)
  }
}

extension Claim {
  /// Whether it is about a change.
  package var needsBaseline: Bool {
    switch content {
    case .added, .addedForward, .addedBack, .clear: true
    default: false
    }
  }
}
