internal import CSynProbe
internal import SynCore
internal import SynVerdict
internal import SynVerify

/// Reads what C claims.
enum VerifyArguments {
  static func read(_ pointer: UnsafePointer<synprobe_verify_t>?) throws(ABIError) -> VerifyPlan {
    let verify = try Structure.copy(pointer, synprobe_verify_t(), "verify", \.size)
    let target = try PingArguments.endpoint(verify.target, "target")
    let fault = try fault(verify)
    let interval = try PingArguments.duration(
      verify.interval, or: .nanoseconds(VerifyPlan.interval(showing: fault)), "interval")
    var plan = VerifyPlan(
      target: VerifyPlan.Host(input: try PingArguments.input(verify.input, target), endpoint: target),
      claims: try claims(verify, fault, interval))
    plan.interval = interval
    plan.injected = fault?.netem
    if verify.control != nil {
      let endpoint = try PingArguments.endpoint(verify.control, "control")
      plan.control = VerifyPlan.Host(input: "\(endpoint)", endpoint: endpoint)
    }
    if let text = try CText.read(verify.baseline, "baseline") {
      guard plan.control == nil else { throw .invalid("baseline and control exclude each other") }
      do throws(SavedBaseline.Failure) { plan.baseline = try SavedBaseline(text, for: target) } catch {
        throw .invalid("baseline: \(error)")
      }
    }
    guard verify.confidence == 0 || (0.5...0.999999).contains(verify.confidence) else {
      throw .invalid("confidence is out of range: 0.5 to 0.999999, or 0 for 0.95")
    }
    plan.confidence = verify.confidence == 0 ? 0.95 : verify.confidence
    plan.mostProbes = try PingArguments.count(verify.max_probes, or: 2000, upTo: Limits.mostJudged, "max_probes")
    plan.longest = try PingArguments.duration(verify.max_time, or: .seconds(60), "max_time")
    plan.timeout = try PingArguments.duration(
      verify.timeout, or: VerifyPlan.usualTimeout(within: plan.longest), "timeout")
    if let reason = VerifyPlan.objection(timeout: plan.timeout, longest: plan.longest) { throw .invalid(reason) }
    return plan
  }

  private static func fault(_ verify: synprobe_verify_t) throws(ABIError) -> InjectedFault? {
    guard let line = try CText.read(verify.netem, "netem") else { return nil }
    do throws(ClaimError) { return InjectedFault(netem: try NetemSpec.parse(line)) } catch {
      throw .invalid("netem: \(error)")
    }
  }

  private static func claims(
    _ verify: synprobe_verify_t, _ fault: InjectedFault?, _ interval: Duration
  ) throws(ABIError) -> [Claim] {
    guard verify.claim_count == 0 || verify.claims != nil, verify.claim_count <= 64 else {
      throw .invalid("claims is NULL, or claim_count more than 64")
    }
    var claims: [Claim] = []
    for one in UnsafeBufferPointer(start: verify.claims, count: Int(verify.claim_count)) {
      guard let name = try CText.read(one.name, "a claim's name"), let value = try CText.read(one.value, name) else {
        throw .invalid("the name or the value of a claim is NULL")
      }
      do throws(ClaimError) { claims.append(try Claim.parse(name, value)) } catch {
        throw .invalid("\(name): \(error)")
      }
    }
    let path = try CText.read(verify.path, "path")
    let place = path.flatMap(FaultPath.init(rawValue:))
    guard path == nil || place != nil else { throw .invalid("path is none of egress, peer, both") }
    do throws(ClaimError) {
      return try VerifyPlan.claims(
        claims, fault: fault, path: place, hasBaseline: verify.baseline != nil || verify.control != nil,
        interval: interval.nanoseconds)
    } catch {
      throw .invalid("\(error)")
    }
  }
}
