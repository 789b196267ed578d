internal import CSynProbe
internal import SynCore
internal import SynVerify
internal import SynWire

/// Reads what C wants identified.
enum IdentifyArguments {
  static func read(_ pointer: UnsafePointer<synprobe_identify_t>?) throws(ABIError) -> IdentifyPlan {
    let identify = try Structure.copy(pointer, synprobe_identify_t(), "identify", \.size)
    let target = try PingArguments.endpoint(identify.target, "target")
    let host = VerifyPlan.Host(input: try PingArguments.input(identify.input, target), endpoint: target)
    guard let baseline = try VerifyArguments.baseline(try CText.read(identify.baseline, "baseline"), for: target) else {
      throw .invalid("baseline is NULL: a ping result from before the fault is needed")
    }
    var terms = IdentifyTerms()
    if identify.max_probes != 0 { terms.mostProbes = Int(identify.max_probes) }
    terms.longest = try PingArguments.duration(identify.max_time, "max_time")
    terms.interval = try PingArguments.duration(identify.interval, "interval")
    terms.timeout = try PingArguments.duration(identify.timeout, "timeout")
    return try VerifyArguments.asInvalid { () throws(VerifyDraft.Objection) in
      try terms.settled(target: host, baseline: baseline)
    }
  }
}
