public import SynCore
public import SynWire

/// Makes out of how its SYNs ended which way a trace went.
public struct TraceCollector: Sendable {
  private let target: Endpoint
  private let mostHops: UInt8
  private var results: [ProbeResult] = []
  /// SYNs that this host refused to send, by the reason.
  public private(set) var blocked: [SendFailure: Int] = [:]
  /// SYNs that this host queued and never sent (`egress`), and answers that it dropped (`ingress`): no hop's.
  public private(set) var lostHere: [LossPlace: Int] = [:]
  /// SYNs that did not leave, by the neighbour that did not tell its link address.
  public private(set) var silentNeighbours: [IPAddress: Int] = [:]

  /// Nothing has ended yet.
  public init(target: Endpoint, mostHops: UInt8) {
    self.target = target
    self.mostHops = mostHops
  }

  /// A SYN has ended; what never left tells nothing of the way, nor does an answer that this host dropped.
  public mutating func add(_ result: ProbeResult) {
    switch (result.outcome, result.cause) {
    case (.blocked(let failure), _): blocked[failure, default: 0] += 1
    case (.lost(.egress), .silentNeighbour(let neighbour)): silentNeighbours[neighbour, default: 0] += 1
    case (.lost(let place), _) where place == .egress || place == .ingress: lostHere[place, default: 0] += 1
    default: results.append(result)
    }
  }

  /// What was found so far.
  public var finding: TraceFinding {
    let sorted = results.sorted { $0.request.sequence < $1.request.sequence }
    var ports: [UInt16] = []
    for case let port? in sorted.map(\.localPort) where !ports.contains(port) { ports.append(port) }
    let paths = ports.map { port in path(port, sorted.filter { $0.localPort == port }) }
    return TraceFinding(target: target, reached: paths.contains(where: \.reached), paths: paths)
  }

  private func path(_ port: UInt16, _ results: [ProbeResult]) -> TraceFinding.Path {
    let end = results.filter(\.outcome.endsPath).compactMap(\.request.hopLimit).min()
    let open = results.compactMap(\.halfOpen)
    let byHop = Dictionary(grouping: results) { $0.request.hopLimit ?? 0 }
    var hops: [TraceFinding.Hop] = []
    var before: Duration?
    for limit in 1...(end ?? mostHops) {
      // While the target holds a half-open connection it owes an answer to another SYN, and gives few (RFC 5961 section 7):
      // it lost none.
      let asked = (byHop[limit] ?? []).filter { result in
        let isHeld = limit == end && open.contains { $0.contains(result.submitted) }
        return result.outcome.kind != .unexpected && !(isHeld && result.outcome.kind == .lost)
      }
      let hop = TraceFinding.Hop(limit, asked, behind: before)
      before = hop.addresses.flatMap(\.roundTrips).sorted().quantile(0.5) ?? before
      hops.append(hop)
    }
    let reached = results.contains { $0.outcome == .open || $0.outcome == .closed }
    return TraceFinding.Path(sourcePort: port, reached: reached, hops: TraceFinding.Hop.limited(hops))
  }
}

extension TraceFinding.Hop {
  init(_ limit: UInt8, _ results: [ProbeResult], behind before: Duration?) {
    var order: [IPAddress] = []
    var answers: [IPAddress: [ProbeResult]] = [:]
    for result in results {
      guard let answerer = result.answerer else { continue }
      if answers[answerer] == nil { order.append(answerer) }
      answers[answerer, default: []].append(result)
    }
    self.init(
      limit: limit, attempted: results.count, waitedFor: results.count { $0.outcome == .cancelled },
      addresses: order.compactMap { one in answers[one].flatMap { TraceFinding.Address(one, $0, before) } },
      isRateLimited: false)
  }

  /// Marks the hops that answered less often than one behind them.
  static func limited(_ hops: [TraceFinding.Hop]) -> [TraceFinding.Hop] {
    var isWhole = false
    return hops.reversed().map { hop in
      let ended = hop.attempted - hop.waitedFor
      let isShort = hop.answered > 0 && hop.answered < ended
      defer { isWhole = isWhole || ended > 0 && hop.answered == ended }
      return TraceFinding.Hop(
        limit: hop.limit, attempted: hop.attempted, waitedFor: hop.waitedFor, addresses: hop.addresses,
        isRateLimited: isShort && isWhole)
    }.reversed()
  }
}

extension TraceFinding.Address {
  init?(_ address: IPAddress, _ results: [ProbeResult], _ before: Duration?) {
    guard let role = results.last?.role else { return nil }
    let times = results.compactMap(\.observation.network).sorted()
    let median = times.quantile(0.5)
    self.init(
      address: address, answered: results.count, roundTrips: times,
      added: median.flatMap { median in before.map { median - $0 } }, labels: results.last?.labels ?? [], role: role)
  }
}

extension ProbeResult {
  /// When SYNs left that met the connection which this one left half open at the target: until this host's RST did.
  fileprivate var halfOpen: Range<MonotonicInstant>? {
    guard outcome == .open, let time = observation.roundTrip ?? observation.network, time > .zero else { return nil }
    return submitted.advanced(by: .nanoseconds(1))..<submitted.advanced(by: time + .nanoseconds(1))
  }

  /// Who answered.
  fileprivate var answerer: IPAddress? {
    switch outcome {
    case .open, .closed: request.target.address
    case .filtered(let error): error.sender
    case .lost, .blocked, .unexpected, .cancelled: nil
    }
  }

  fileprivate var role: TraceFinding.Role? {
    switch outcome {
    case .open: .open
    case .closed: .closed
    case .filtered(let error): error.isTimeExceeded ? .router : .refuser(error)
    case .lost, .blocked, .unexpected, .cancelled: nil
    }
  }

  fileprivate var labels: [MPLSLabel] {
    if case .filtered(let error) = outcome { error.labels } else { [] }
  }
}
