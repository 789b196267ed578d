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
  private var known: [Int: Result<Route, SendFailure>] = [:]
  /// Whether all addresses between two ends go one way: then a cell is asked for once.
  private var isSettled = false
  private var expires = MonotonicInstant(nanoseconds: .min)
  private let options: ProberConfiguration

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
    let cell = cells.cell(of: target.address)
    if let route = known[cell] { return route }
    let route = ask(target, 0)
    known[cell] = route
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
      named += prefixes
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
