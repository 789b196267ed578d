internal import Glibc
package import SynCore
package import SynSweep
internal import SynSystem
internal import SynWire

/// The ways to the targets of a sweep: one question to the kernel for all addresses that go one way.
package struct SweepRoutes: ~Copyable {
  private var finder = RouteFinder()
  private var cells = RouteCells([])
  private var named: [AddressPrefix] = []
  private var known: [Key: Result<Route, SendFailure>] = [:]
  /// Whether all addresses between two ends go one way: then they are asked for once.
  private var isSettled = false
  private var expires = MonotonicInstant(nanoseconds: .min)
  private let options: ProberConfiguration

  /// Addresses that go one way, from one source address: among several of IPv6 the kernel chooses by the destination
  /// (RFC 6724), whose networks have 64 bits.
  private struct Key: Hashable {
    let cell: Int
    let network: UInt64
  }

  private static let mostKnown = 65_536
  /// A change of the routes is seen after this.
  private static let lifetime = Duration.seconds(1)
  /// Reading them takes at most this part of the time.
  private static let share = 50

  /// The ways under these options.
  package init(_ options: ProberConfiguration) {
    self.options = options
  }

  /// The way to a target from a port.
  mutating func route(to target: Endpoint, from port: UInt16, at now: MonotonicInstant) -> Result<Route, SendFailure> {
    if now >= expires { read(at: now) }
    guard isSettled else { return ask(target, port) }
    let isV6 = target.address.family == .v6
    let key = Key(
      cell: cells.cell(of: target.address), network: isV6 ? UInt64(truncatingIfNeeded: target.address.bits >> 64) : 0)
    if let route = known[key] { return route }
    let route = ask(target, 0)
    if known.count >= SweepRoutes.mostKnown { known.removeAll(keepingCapacity: true) }
    known[key] = route
    return route
  }

  private mutating func ask(_ target: Endpoint, _ port: UInt16) -> Result<Route, SendFailure> {
    do throws(SystemError) {
      return .success(try finder.route(to: target, from: port, options, asksPorts: port != 0))
    } catch { return .failure(SendFailure(errno: error.errno ?? ENETUNREACH)) }
  }

  private mutating func read(at now: MonotonicInstant) {
    known.removeAll(keepingCapacity: true)
    isSettled = !finder.asksPorts(.v4) && !finder.asksPorts(.v6)
    named = []
    for family in [IPAddress.Family.v4, .v6] {
      guard let prefixes = finder.prefixes(family) else {
        isSettled = false
        continue
      }
      named += prefixes.all
      if prefixes.hasChoice { isSettled = false }
    }
    cells = RouteCells(named)
    let took = SystemClock.now().since(now)
    expires = now.advanced(by: max(SweepRoutes.lifetime, took * SweepRoutes.share))
  }

  /// Of some addresses those that are neighbours of this host, or its own.
  package mutating func onLink(_ addresses: AddressSet) -> AddressSet {
    let now = SystemClock.now()
    if now >= expires { read(at: now) }
    // What only a default route covers is nobody's neighbour.
    let reached = AddressSet(named.filter { $0.length > 0 }.map { AddressSpan($0) })
    let pieces = addresses.subtracting(addresses.subtracting(reached)).cut(at: named)
    return AddressSet(
      pieces.filter { piece in
        guard case .success(let route) = ask(Endpoint(address: piece.firstAddress, port: 0), 0) else { return false }
        return route.gateway == nil
      })
  }
}
