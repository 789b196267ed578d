internal import CSynProbe
internal import SynCore
internal import SynVerify
internal import SynWire

/// Reads what C claims.
enum VerifyArguments {
  static func read(_ pointer: UnsafePointer<synprobe_verify_t>?) throws(ABIError) -> VerifyPlan {
    let verify = try Structure.copy(pointer, synprobe_verify_t(), "verify", \.size)
    let target = try PingArguments.endpoint(verify.target, "target")
    let host = VerifyPlan.Host(input: try PingArguments.input(verify.input, target), endpoint: target)
    var control: VerifyPlan.Host?
    if verify.control != nil {
      let endpoint = try PingArguments.endpoint(verify.control, "control")
      control = VerifyPlan.Host(input: "\(endpoint)", endpoint: endpoint)
    }
    let text = try CText.read(verify.baseline, "baseline")
    var draft = VerifyDraft()
    draft.hasBaseline = text != nil
    draft.hasControl = control != nil
    try fill(&draft, verify)
    let terms = try asInvalid { () throws(VerifyDraft.Objection) in try draft.settled() }
    return terms.plan(target: host, control: control, baseline: try baseline(text, for: target))
  }

  private static func fill(_ draft: inout VerifyDraft, _ verify: synprobe_verify_t) throws(ABIError) {
    guard verify.claim_count == 0 || verify.claims != nil, verify.claim_count <= 64 else {
      throw .invalid("claims is NULL, or claim_count more than 64")
    }
    for one in UnsafeBufferPointer(start: verify.claims, count: Int(verify.claim_count)) {
      guard let name = try CText.read(one.name, "a claim's name"), let value = try CText.read(one.value, name) else {
        throw .invalid("the name or the value of a claim is NULL")
      }
      try asInvalid { () throws(VerifyDraft.Objection) in try draft.claim(name, value) }
    }
    for (setting, pointer) in [(VerifySetting.netem, verify.netem), (.path, verify.path)] {
      guard let text = try CText.read(pointer, setting.rawValue) else { continue }
      try asInvalid { () throws(VerifyDraft.Objection) in try draft.set(setting, text) }
    }
    if verify.confidence != 0 { draft.confidence = verify.confidence }
    if verify.max_probes != 0 { draft.mostProbes = Int(verify.max_probes) }
    draft.longest = try PingArguments.duration(verify.max_time, "max_time")
    draft.interval = try PingArguments.duration(verify.interval, "interval")
    draft.timeout = try PingArguments.duration(verify.timeout, "timeout")
    draft.sibling = try PingArguments.port(verify.sibling, "sibling")
  }

  static func baseline(_ text: String?, for target: Endpoint) throws(ABIError) -> SavedBaseline? {
    guard let text else { return nil }
    do throws(SavedBaseline.Failure) { return try SavedBaseline(text, for: target) } catch {
      throw .invalid("baseline: \(error)")
    }
  }

  static func asInvalid<Value>(
    _ body: () throws(VerifyDraft.Objection) -> Value
  ) throws(ABIError) -> Value {
    do throws(VerifyDraft.Objection) { return try body() } catch { throw .invalid("\(error.name): \(error.reason)") }
  }
}
