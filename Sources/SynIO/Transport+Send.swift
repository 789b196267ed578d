internal import Glibc
internal import SynCore
internal import SynSystem
internal import SynWire

extension Transport {
  /// Sends what waits, in its order and at most so many; behind a SYN that this host has no room for no other is tried.
  ///
  /// The arrivals are told of each that left.
  /// - Returns: Those that were tried, which are taken out, each with its refusal.
  mutating func send(
    _ waiting: inout [Departure], atMost most: Int, finding arrivals: inout some Arrivals & ~Copyable
  ) -> [(Departure, SendFailure?)] {
    var outcomes: [(Departure, SendFailure?)] = []
    while outcomes.count < most, let family = waiting.first?.specification.target.address.family {
      let alike = waiting.firstIndex { $0.specification.target.address.family != family } ?? waiting.count
      let count = min(alike, most - outcomes.count)
      let refusals = send(waiting[..<count], family, finding: &arrivals)
      for (departure, refusal) in zip(waiting, refusals) { outcomes.append((departure, refusal)) }
      waiting.removeFirst(refusals.count)
      if refusals.count < count || refusals.last??.isShortage == true { break }
    }
    return outcomes
  }

  private mutating func send(
    _ departures: ArraySlice<Departure>, _ family: IPAddress.Family, finding arrivals: inout some Arrivals & ~Copyable
  ) -> [SendFailure?] {
    let counts = family == .v4 ? socketV4?.countsStamps : socketV6?.countsStamps
    guard let counts else { return departures.map { _ in SendFailure(errno: EAFNOSUPPORT) } }
    // An ICMP error about one probe fails the next call of the socket, whatever its target: where a failed call confuses
    // the kernel's counting of stamps, the error queue is drained before each.
    let batches = counts ? departures.map { [$0][...] } : [departures]
    var refusals: [SendFailure?] = []
    for batch in batches {
      if counts { drainEvents(into: &arrivals) }
      sendOnce(batch, family, &refusals, telling: &arrivals)
      if refusals.last??.isShortage == true { break }
    }
    for (index, departure) in zip(refusals.indices, departures) where refusals[index]?.mayBeAnothers == true {
      drainEvents(into: &arrivals)
      var second: [SendFailure?] = []
      sendOnce([departure], family, &second, telling: &arrivals)
      refusals[index] = second[0]
    }
    return refusals
  }

  private mutating func sendOnce(
    _ departures: ArraySlice<Departure>, _ family: IPAddress.Family, _ refusals: inout [SendFailure?],
    telling arrivals: inout some Arrivals & ~Copyable
  ) {
    func note(_ specification: SynSpecification, _ result: Result<Departure.Call, SendFailure>) {
      switch result {
      case .success(let call):
        arrivals.transmitted(specification.id, from: call.began, to: call.ended)
        refusals.append(nil)
      case .failure(let failure): refusals.append(failure)
      }
    }
    if family == .v4 { socketV4?.send(departures, note) } else { socketV6?.send(departures, note) }
  }
}

extension SendFailure {
  /// Whether it may be the error of an earlier probe, which the call told of in passing.
  var mayBeAnothers: Bool { errno != EPERM && !isShortage }
}
