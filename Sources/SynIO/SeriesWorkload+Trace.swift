internal import SynCore
internal import SynSystem
internal import SynWire

/// A series whose probes have all hop limits at once, each path of them from one source port.
extension SeriesWorkload {
  /// Takes a port for each path; fewer where there are no more, and nothing is sent without one.
  mutating func startTrace(of id: SeriesID) {
    guard let active = series[id], let plan = active.plan.trace, transport.connector == nil else { return }
    var ports: [UInt16] = []
    for _ in 0..<plan.paths {
      guard let port = transport.takePort(for: active.plan.target) else { break }
      ports.append(port)
    }
    active.tracer = TracePacer(plan, ports: ports, timeout: active.plan.timeout, at: SystemClock.now())
    reschedule(active)
  }

  /// Sends what is due; once all was sent and answered, what went beyond the target is not waited for.
  mutating func visitTrace(_ id: SeriesID, at now: MonotonicInstant) {
    guard let active = series[id] else { return }
    while let probe = active.tracer?.take(at: now) {
      submit(probe.sequence, of: active, from: probe.localPort, hopLimit: probe.hopLimit)
    }
    guard active.tracer?.isOver == true else { return reschedule(active) }
    engine.cancel([id])
    performActions()
    finish(id)
  }

  /// Gives the ports of a trace back: SYNs that were answered nowhere may still be on their way.
  mutating func releaseTrace(of id: SeriesID) {
    guard let active = series[id], let tracer = active.tracer else { return }
    for port in tracer.ports {
      transport.rotation.release(port, for: active.plan.target, .unanswered, at: SystemClock.now())
    }
  }
}
