internal import CSynProbe
internal import SynCore
internal import SynProbe
internal import SynWire

/// Reads what C wants traced.
enum TraceArguments {
  static func read(
    _ pointer: UnsafePointer<synprobe_trace_t>?, on engine: Engine
  ) throws(ABIError) -> (SeriesPlan, TraceMeasurement) {
    let trace = try Structure.copy(pointer, synprobe_trace_t(), "trace", \.size)
    guard engine.prober.mode == .syn else {
      throw ABIError(
        ErrorCode.permission, "a trace needs raw SYN segments, and this handle probes by connect(): see synprobe_mode")
    }
    let target = try PingArguments.endpoint(trace.target, "target")
    let hops = try PingArguments.count(trace.max_hops, or: 30, upTo: UInt32(UInt8.max), "max_hops")
    let paths = try PingArguments.count(trace.paths, or: 1, upTo: UInt32(TracePlan.mostPaths), "paths")
    let queries = try PingArguments.count(trace.queries, or: 3, upTo: UInt32(TracePlan.mostQueries), "queries")
    guard paths == 1 || engine.configuration.sourcePort == nil else {
      throw .invalid("paths \(paths): the handle's source_port is one path")
    }
    let plan = TracePlan(paths: paths, probes: queries, mostHops: UInt8(clamping: hops))
    let timeout = try PingArguments.duration(trace.timeout, "timeout") ?? TracePlan.usualTimeout
    return (
      TraceMeasurement.series(to: target, plan, timeout: timeout),
      TraceMeasurement(input: try PingArguments.input(trace.input, target), target: target, plan)
    )
  }
}
