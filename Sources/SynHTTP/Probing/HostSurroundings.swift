internal import SynCore
internal import SynEdge
internal import SynSystem
internal import SynWire
internal import Synchronization

/// The addresses at which this host is itself, and the broadcast addresses beside it, read anew now and then.
final class HostSurroundings: Sendable {
  private struct Reading {
    var surroundings = TargetPolicy.Surroundings()
    var expires: MonotonicInstant
  }

  private static let lifetime = Duration.seconds(10)
  private let listen: Endpoint
  private let reading: Mutex<Reading>

  /// For a service that listens at `listen`.
  init(listen: Endpoint, at now: MonotonicInstant) {
    self.listen = listen
    reading = Mutex(Reading(expires: now))
  }

  /// What holds at `now`.
  func current(at now: MonotonicInstant) -> TargetPolicy.Surroundings {
    reading.withLock { reading in
      if now >= reading.expires {
        reading = Reading(surroundings: read(), expires: now.advanced(by: HostSurroundings.lifetime))
      }
      return reading.surroundings
    }
  }

  private func read() -> TargetPolicy.Surroundings {
    let addresses = Devices.addresses
    // Who listens at the unspecified address listens at each of the host's.
    let isEverywhere = listen.address.bits == 0
    let own = isEverywhere ? addresses.map(\.address) : [listen.address]
    return TargetPolicy.Surroundings(
      own: own.map { Endpoint(address: $0.unzoned, port: listen.port) },
      loopbackPort: isEverywhere ? listen.port : nil, broadcasts: Set(addresses.compactMap(\.broadcast)))
  }
}
