internal import CSyn
internal import SynCore
internal import SynSystem
internal import SynWire

extension csyn_departure {
  /// The SYN to a target on its way; `timestamp` is its clock value.
  init(
    to target: Endpoint, from port: UInt16, _ sequence: SequenceNumber, by route: Route, timestamp: UInt32,
    window: UInt16, options: SynOptions
  ) {
    self.init()
    segment.source = csyn_address(route.source)
    segment.destination = csyn_address(target.address)
    segment.source_port = port
    segment.destination_port = target.port
    segment.sequence = sequence.rawValue
    segment.timestamp = timestamp
    segment.window = window
    segment.maximum_segment = target.address.family == .v4 ? 1_460 : 1_440
    segment.options = options.number
  }

  /// Names the neighbour and the device, where the kernel would not find this way by itself.
  mutating func steer(by route: Route, to target: Endpoint, hopLimit: UInt8?, trafficClass: UInt8) {
    guard route.steering == .neighbour else { return }
    hops = hopLimit ?? 0
    next_hop = csyn_address(route.gateway ?? target.address)
    next_hop.scope = route.index
    interface_index = route.index
    traffic_class = trafficClass
  }
}

extension SystemClock {
  /// What the clock of a SYN's timestamps option shows: milliseconds.
  static var timestamp: UInt32 { UInt32(truncatingIfNeeded: now().nanoseconds / 1_000_000) }
}
