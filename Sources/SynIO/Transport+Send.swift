internal import Glibc
internal import SynCore
internal import SynSystem
internal import SynWire

extension Transport {
  /// Sends what waits, in its order; behind a SYN that this host has no room for no other is tried.
  /// - Returns: What became of those that were tried, which are taken out.
  mutating func send(
    _ waiting: inout [Departure], finding arrivals: inout some Arrivals & ~Copyable
  ) -> [(SynSpecification, Result<Departure.Call, SendFailure>)] {
    var outcomes: [(SynSpecification, Result<Departure.Call, SendFailure>)] = []
    while let family = waiting.first?.specification.target.address.family {
      let count = waiting.firstIndex { $0.specification.target.address.family != family } ?? waiting.count
      let results = send(waiting[..<count], family, finding: &arrivals)
      for (departure, result) in zip(waiting, results) { outcomes.append((departure.specification, result)) }
      waiting.removeFirst(results.count)
      if results.count < count || results.last?.isShortage == true { break }
    }
    return outcomes
  }

  private mutating func send(
    _ departures: ArraySlice<Departure>, _ family: IPAddress.Family, finding arrivals: inout some Arrivals & ~Copyable
  ) -> [Result<Departure.Call, SendFailure>] {
    let counts = family == .v4 ? socketV4?.countsStamps : socketV6?.countsStamps
    guard let counts else { return departures.map { _ in .failure(SendFailure(errno: EAFNOSUPPORT)) } }
    // An ICMP error about one probe fails the next call of the socket, whatever its target: where a failed call confuses
    // the kernel's counting of stamps, the error queue is drained first.
    if counts { drainEvents(into: &arrivals) }
    var results: [Result<Departure.Call, SendFailure>] = []
    sendOnce(departures, family) { results.append($0) }
    for (index, departure) in zip(results.indices, departures) where results[index].mayBeAnothersError {
      drainEvents(into: &arrivals)
      sendOnce([departure], family) { results[index] = $0 }
    }
    return results
  }

  private mutating func sendOnce(
    _ departures: ArraySlice<Departure>, _ family: IPAddress.Family,
    _ body: (Result<Departure.Call, SendFailure>) -> Void
  ) {
    if family == .v4 { socketV4?.send(departures, body) } else { socketV6?.send(departures, body) }
  }
}

extension Result<Departure.Call, SendFailure> {
  /// Whether this host had no room for it.
  fileprivate var isShortage: Bool {
    if case .failure(let failure) = self { failure.isShortage } else { false }
  }

  /// Whether it may be the error of an earlier probe, which the call told of in passing.
  fileprivate var mayBeAnothersError: Bool {
    if case .failure(let failure) = self { failure.errno != EPERM && !failure.isShortage } else { false }
  }
}
