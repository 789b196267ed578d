internal import SynCore
internal import SynWire

extension TraceEngine {
  /// What was found so far.
  public var report: TraceReport {
    let paths = plan.ports.indices.map { path(of: $0) }
    return TraceReport(target: plan.target, reached: paths.contains(where: \.reached), paths: paths)
  }

  private func path(of path: Int) -> TraceReport.Path {
    let own = slots.filter { $0.probe.path == path && !$0.isRefused }
    let end = ends[path] ?? plan.mostHops
    let byHop = Dictionary(grouping: own) { $0.probe.hopLimit }
    var hops: [TraceReport.Hop] = []
    var before: Duration?
    for limit in 1...end {
      let hop = hop(limit, byHop[limit] ?? [], behind: before, challenges: limit == ends[path] ? challenges[path] : 0)
      before = hop.addresses.flatMap(\.roundTrips).sorted().quantile(0.5) ?? before
      hops.append(hop)
    }
    let reached = own.contains { $0.answer?.role == .open || $0.answer?.role == .closed }
    return TraceReport.Path(sourcePort: plan.ports[path], reached: reached, hops: TraceEngine.limited(hops))
  }

  private func hop(
    _ limit: UInt8, _ slots: [Slot], behind before: Duration?, challenges: Int
  ) -> TraceReport.Hop {
    var order: [IPAddress] = []
    var answers: [IPAddress: [Slot]] = [:]
    for slot in slots {
      guard let from = slot.answer?.from else { continue }
      if answers[from] == nil { order.append(from) }
      answers[from, default: []].append(slot)
    }
    let unanswered = slots.count { $0.answer == nil }
    return TraceReport.Hop(
      limit: limit, attempted: slots.count - min(unanswered, challenges),
      addresses: order.compactMap { address in answers[address].flatMap { TraceEngine.address(address, $0, before) } },
      isRateLimited: false)
  }

  private static func address(_ address: IPAddress, _ slots: [Slot], _ before: Duration?) -> TraceReport.Address? {
    guard let last = slots.last?.answer else { return nil }
    let times = slots.compactMap { slot -> Duration? in
      guard let sent = slot.sent, let answer = slot.answer, answer.time - sent >= .zero else { return nil }
      return answer.time - sent
    }.sorted()
    let median = times.quantile(0.5)
    return TraceReport.Address(
      address: address, answered: slots.count, roundTrips: times,
      added: median.flatMap { median in before.map { median - $0 } }, labels: last.labels, role: last.role)
  }

  /// Marks the hops that answered less often than one behind them.
  private static func limited(_ hops: [TraceReport.Hop]) -> [TraceReport.Hop] {
    var isWhole = false
    return hops.reversed().map { hop in
      let isShort = hop.answered > 0 && hop.answered < hop.attempted
      defer { isWhole = isWhole || hop.attempted > 0 && hop.answered == hop.attempted }
      return TraceReport.Hop(
        limit: hop.limit, attempted: hop.attempted, addresses: hop.addresses, isRateLimited: isShort && isWhole)
    }.reversed()
  }
}
