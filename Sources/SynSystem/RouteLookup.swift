internal import CSyn
internal import Glibc
package import SynCore
package import SynWire

/// The way to a target: which device, from which address, to which neighbour.
package struct Route: Sendable, Hashable {
  /// Name of the device that the packets leave by; empty where it cannot be told.
  package let interface: String
  /// Its index, which a new name does not change.
  package let index: UInt32
  /// Source address.
  package let source: IPAddress
  /// The router that the packets are handed to; nil where the target itself is the neighbour.
  package let gateway: IPAddress?
  /// Whether a SYN without a stamp of its sending was not sent: its device says that it stamps, and is no device upon
  /// another, which may hand a packet on without sending it.
  package let stampsSent: Bool
  /// Whether the target is an address of this host.
  package let isLocal: Bool
  /// How a raw socket comes to go this way.
  package var steering = Steering.none

  /// What users are told of it.
  package var path: ProbeEvent.Path {
    ProbeEvent.Path(interface: interface, source: source, isForeign: steering == .impossible, isWithinHost: isLocal)
  }

  /// How a raw socket, whose routes are found without ports, comes to go the way of a connection.
  package enum Steering: Hashable, Sendable {
    /// It goes there by itself.
    case none
    /// The packet is handed to the neighbour by name.
    case neighbour
    /// It cannot be made to: the probes go another way than a connection would.
    case impossible
  }
}

/// What a route is asked for: a connection of this process.
package struct RouteQuestion: Sendable, Hashable {
  package var target: IPAddress
  /// 0: not known.
  package var port: UInt16 = 0
  /// 0: not known, as before the kernel has chosen one.
  package var sourcePort: UInt16 = 0
  package var source: IPAddress?
  package var interface: UInt32 = 0
  package var mark: UInt32 = 0
  package var trafficClass: UInt8 = 0

  /// A question about an address alone.
  package init(target: IPAddress, interface: UInt32 = 0) {
    self.target = target
    self.interface = interface
  }
}

/// Asks the kernel for routes (rtnetlink), on a socket that is kept.
package struct RouteFinder: ~Copyable {
  /// Nil where rtnetlink is refused, as by a filter of system calls: then less is asked, by other means.
  private let socket: FileDescriptor?
  let netlink: Int32?
  /// Why there is none.
  private let refusal: Int32
  /// The device that this process's sockets are bound to from the start, as in a VRF; 0 for none.
  private let defaultDevice = UInt32(max(csyn_route_default_device(), 0))
  /// What devices are, which hardly changes.
  private var devices: [UInt32: (device: Device, expires: MonotonicInstant)] = [:]

  private struct Device {
    let name: String
    let stampsSent: Bool
  }

  private static let deviceLifetime = Duration.seconds(1)

  /// Opens the socket, where that is allowed.
  package init() {
    let descriptor = csyn_netlink_open()
    refusal = min(descriptor, 0)
    netlink = descriptor >= 0 ? descriptor : nil
    socket = descriptor >= 0 ? FileDescriptor(descriptor) : nil
  }

  /// The way that a connection takes.
  /// - Throws: `SystemError.system`: ENETUNREACH without a route.
  package mutating func route(_ question: RouteQuestion) throws(SystemError) -> Route {
    let found = try answer(question)
    let device = try device(of: found, question)
    guard let source = IPAddress(found.source), source.bits != 0 else {
      throw .system(errno: SystemError.noSourceAddress, operation: .findRoute, subject: "\(question.target)")
    }
    return Route(
      interface: device.name, index: found.interface_index, source: source, gateway: IPAddress(found.gateway),
      stampsSent: device.stampsSent, isLocal: found.is_local != 0)
  }

  /// Whether the way may depend on ports: by a rule that asks for them, or by several next hops that are chosen by them.
  package func asksPorts(_ family: IPAddress.Family) -> Bool {
    guard let netlink else { return false }
    let policy = "/proc/sys/net/ipv\(family.number)/fib_multipath_hash_policy"
    let isHashed = (try? TextFile.read(policy, atMost: 64)).map { !$0.hasPrefix("0") } ?? false
    return isHashed || csyn_route_asks_ports(netlink, family.number) == 1
  }

  /// Whether the kernel has asked for the link address of a neighbour in vain so far.
  package func isSilent(_ neighbour: IPAddress, on device: UInt32) -> Bool {
    guard let netlink else { return false }
    var address = csyn_address(neighbour)
    return csyn_neighbour_is_silent(netlink, device, &address) == 1
  }

  /// How long ago the kernel learned or lost the link address of a neighbour; nil where it knows none.
  package func age(of neighbour: IPAddress, on device: UInt32) -> Duration? {
    guard let netlink else { return nil }
    var address = csyn_address(neighbour)
    let milliseconds = csyn_neighbour_age(netlink, device, &address)
    return milliseconds >= 0 ? .milliseconds(milliseconds) : nil
  }

  private mutating func device(of route: csyn_route, _ question: RouteQuestion) throws(SystemError) -> Device {
    let now = SystemClock.now()
    if let known = devices[route.interface_index], now < known.expires { return known.device }
    guard let netlink else { return Device(name: String(route.interface_name), stampsSent: false) }
    var found = csyn_device()
    _ = try check(csyn_device_describe(netlink, route.interface_index, &found), .findRoute, "\(question.target)")
    let device = Device(name: String(found.name), stampsSent: found.stamps_sent != 0 && found.is_stacked == 0)
    if devices.count >= 256 { devices.removeAll() }
    devices[route.interface_index] = (device, now.advanced(by: RouteFinder.deviceLifetime))
    return device
  }

  private func answer(_ question: RouteQuestion) throws(SystemError) -> csyn_route {
    var asked = csyn_route_question(question)
    var found = csyn_route()
    var result = refusal
    if let netlink { result = csyn_route_lookup(netlink, &asked, &found) }
    // Where rtnetlink is filtered, or answers without a source as gVisor's does, a UDP socket knows the source.
    if [-EAFNOSUPPORT, -EPERM, -EACCES, -EOPNOTSUPP].contains(result) || result == 0 && found.source.isUnset {
      result = csyn_route_guess(&asked, &found)
    }
    _ = try check(result, .findRoute, "\(question.target)")
    return found
  }
}

extension String {
  /// The text up to the first zero byte.
  fileprivate init(
    _ name: (
      CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar
    )
  ) {
    self = withUnsafeBytes(of: name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}

extension csyn_address {
  fileprivate var isUnset: Bool { withUnsafeBytes(of: bytes) { $0.allSatisfy { $0 == 0 } } }
}

extension csyn_route_question {
  fileprivate init(_ question: RouteQuestion) {
    self.init()
    destination = csyn_address(question.target)
    if let address = question.source, address.family == question.target.family { source = csyn_address(address) }
    interface_index = question.interface
    mark = question.mark
    source_port = question.sourcePort
    destination_port = question.port
    traffic_class = question.trafficClass
  }
}

extension RouteFinder {
  /// The way of a connection under a prober's options, and how a raw socket comes to go it.
  /// - Throws: `SystemError.system`: ENETUNREACH without a route.
  package mutating func route(
    to target: Endpoint, from port: UInt16, _ options: ProberConfiguration, asksPorts: Bool
  ) throws(SystemError) -> Route {
    var question = RouteQuestion(target: target.address)
    question.interface = try outputInterface(target.address, options)
    question.source = options.source
    question.mark = options.mark
    question.trafficClass = options.trafficClass ?? 0
    guard asksPorts else { return try route(question) }
    var asked = question
    asked.port = target.port
    asked.sourcePort = port
    // As connect(2) does on a socket that is bound to the port: the source address of a first look counts in a second.
    asked.source = try route(asked).source
    var route = try route(asked)
    question.source = asked.source
    let plain = try? self.route(question)
    if plain?.index != route.index || plain?.gateway != route.gateway {
      let neighbour = route.gateway ?? target.address
      route.steering = neighbour.family == target.address.family ? .neighbour : .impossible
    }
    return route
  }

  private func outputInterface(_ target: IPAddress, _ options: ProberConfiguration) throws(SystemError) -> UInt32 {
    guard let name = options.interface else { return target.zone != 0 ? target.zone : defaultDevice }
    return UInt32(try check(csyn_device_index(name), .findRoute, "\(target) by \(name)"))
  }
}
