internal import SynCore
internal import SynSystem
internal import SynWire

/// When a target's port falls silent, other ports of its address are asked: a RST from one of them says that the host and
/// the way to it are well, and the port alone is not.
extension SeriesWorkload {
  /// They are asked once in so long at most.
  private static let siblingInterval = Duration.seconds(1)
  private static let longestSiblingWait = Duration.seconds(1)

  /// Asks, after a probe of the series was lost in the network.
  mutating func askSiblings(of id: SeriesID, at now: MonotonicInstant) {
    guard let active = series[id], !active.plan.siblings.isEmpty, transport.options.sourcePorts.fixedPort == nil,
      active.siblingsAsked.map({ now.since($0) >= SeriesWorkload.siblingInterval }) ?? true
    else { return }
    let timeout = min(active.plan.timeout, SeriesWorkload.longestSiblingWait)
    series[id]?.siblingsAsked = now
    series[id]?.listen(until: now.advanced(by: timeout + .milliseconds(50)))
    let ports = active.closedSibling.map { [$0] } ?? Array(active.plan.siblings.prefix(SeriesID.mostSiblings))
    let handler = active.handler
    for (index, port) in ports.enumerated() where series[id.sibling(index)] == nil {
      let target = Endpoint(address: active.plan.target.address, port: port)
      let plan = SeriesPlan(
        target: target, count: 1, interval: SeriesWorkload.siblingInterval, timeout: timeout,
        hopLimit: active.plan.hopLimit)
      start(id.sibling(index), plan) { event in
        if case .probe(let result) = event, result.outcome != .cancelled { handler(.sibling(SiblingAnswer(result))) }
      }
    }
  }

  /// A port that is closed is asked on, and no other.
  mutating func noteSibling(_ result: ProbeResult) {
    guard result.request.series.isSibling, result.outcome == .closed else { return }
    series[result.request.series.asked]?.closedSibling = result.request.target.port
  }

  /// What runs beside a series.
  func companions(of id: SeriesID) -> [SeriesID] {
    guard let active = series[id], id.asked == id else { return [] }
    let siblings = active.siblingsAsked == nil ? [] : (0..<SeriesID.mostSiblings).map(id.sibling)
    return ([active.witness].compactMap { $0 } + siblings + [id.train]).filter { series[$0] != nil }
  }

  /// Ends what runs beside a series, with it.
  mutating func endCompanions(of id: SeriesID) {
    let companions = Set(companions(of: id))
    guard !companions.isEmpty else { return }
    for companion in companions { series[companion]?.schedule.stop() }
    engine.cancel(companions)
    performActions()
    for companion in companions { finish(companion) }
  }
}
