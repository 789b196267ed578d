internal import SynCore
internal import SynProbe

/// How long is measured to identify a fault, as it is asked for, before the target has an address; nil is the default.
///
/// The command, the service and the C library fill it from their own syntax, and say its objections in their own form.
package struct IdentifyTerms: Sendable {
  package var mostProbes: Int?
  package var longest: Duration?
  package var interval: Duration?
  package var timeout: Duration?

  /// Nothing is asked for.
  package init() {}

  /// Fewer are not worth the start.
  package static let fewestProbes = 20

  /// The settings of a verification that an identification has too.
  package static let settings: [VerifySetting] = [.mostProbes, .longest, .interval, .timeout]

  /// Sets one of `settings` by its name.
  package mutating func set(_ setting: VerifySetting, _ text: String) throws(VerifyDraft.Objection) {
    switch setting {
    case .mostProbes:
      guard let count = Int(plain: text, in: 0...Int.max) else {
        throw VerifyDraft.Objection(setting, "'\(text.escaped)' is not a number of probes")
      }
      mostProbes = count
    case .longest: longest = try VerifyDraft.duration(text, setting)
    case .interval: interval = try VerifyDraft.duration(text, setting)
    case .timeout: timeout = try VerifyDraft.duration(text, setting)
    default: break
    }
  }

  /// The plan, with all that was asked for.
  /// - Throws: `Objection` for what is beyond the bounds, or leaves no time.
  package func settled(
    target: VerifyPlan.Host, baseline: SavedBaseline, within bounds: VerifyDraft.Bounds = VerifyDraft.Bounds()
  ) throws(VerifyDraft.Objection) -> IdentifyPlan {
    var plan = IdentifyPlan(target: target, baseline: baseline)
    plan.mostProbes = mostProbes ?? min(plan.mostProbes, bounds.mostProbes)
    plan.longest = longest ?? min(plan.longest, bounds.longest)
    plan.interval = interval ?? max(plan.interval, bounds.leastInterval)
    plan.timeout = timeout ?? min(plan.timeout, plan.longest / 3)
    let fewest = min(IdentifyTerms.fewestProbes, bounds.mostProbes)
    guard (fewest...bounds.mostProbes).contains(plan.mostProbes) else {
      throw VerifyDraft.Objection(
        .mostProbes, "\(plan.mostProbes) is out of range: \(fewest) to \(bounds.mostProbes)")
    }
    try bounds.check(longest: plan.longest)
    try bounds.check(interval: plan.interval)
    if let reason = VerifyPlan.objection(timeout: plan.timeout, longest: plan.longest) {
      throw VerifyDraft.Objection(.timeout, reason)
    }
    guard plan.hasRoom else {
      throw VerifyDraft.Objection(.longest, "\(plan.longest.text) leaves no time for probes: give 10s or more")
    }
    return plan
  }
}
