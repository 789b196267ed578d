internal import CSyn
internal import Glibc
internal import SynCore
package import SynWire

/// The network devices and addresses of this host.
package enum Devices {
  /// Whether this host has the address.
  ///
  /// Link-local ones are each device's own affair and pass.
  package static func isOwn(_ address: IPAddress) -> Bool {
    guard address.isUnicast else { return false }
    if address.isLinkLocalV6 { return true }
    var finder = RouteFinder()
    return (try? finder.route(RouteQuestion(target: address)))?.isLocal ?? false
  }

  /// Whether a device of this name exists.
  package static func exists(interface: String) -> Bool {
    csyn_device_index(interface) > 0
  }

  /// The address that carries a label, as `eth0:1`; nil for a device's own name.
  package static func address(labelled label: String) -> IPAddress? {
    var list: UnsafeMutablePointer<ifaddrs>?
    guard label.contains(":"), getifaddrs(&list) == 0 else { return nil }
    defer { freeifaddrs(list) }
    var entry = list
    while let current = entry {
      if String(cString: current.pointee.ifa_name) == label, let address = current.pointee.ifa_addr {
        return IPAddress(address)
      }
      entry = current.pointee.ifa_next
    }
    return nil
  }

  /// The index of a device, 0 for none of this name.
  package static func index(of interface: String) -> UInt32 {
    UInt32(max(csyn_device_index(interface), 0))
  }

  /// Whether a device of this name is set up.
  package static func isUp(interface: String) -> Bool {
    csyn_device_is_up(interface) == 1
  }

  /// The largest IP packet that a device sends whole, bytes; nil for none of this name.
  package static func mtu(of interface: String) -> Int? {
    let mtu = csyn_device_mtu(interface)
    return mtu < 0 ? nil : Int(mtu)
  }

  /// A network device.
  package struct Device: Hashable, Sendable {
    package let name: String
    package let index: UInt32
    /// Whether its driver stamps packets as it sends them.
    package let stampsSent: Bool
    /// Its queueing disciplines, as `netem`, those of arriving packets with ` (ingress)` behind.
    package let qdiscs: [String]
  }

  /// The devices of this network namespace, by their indices.
  package static var all: [Device] {
    guard let list = if_nameindex() else { return [] }
    defer { if_freenameindex(list) }
    let qdiscs = queueingDisciplines
    var found: [Device] = []
    var entry = list
    while entry.pointee.if_index != 0, let name = entry.pointee.if_name {
      found.append(
        Device(
          name: String(cString: name), index: entry.pointee.if_index, stampsSent: csyn_device_stamps_sent(name) == 1,
          qdiscs: qdiscs[entry.pointee.if_index] ?? []))
      entry += 1
    }
    return found
  }

  /// An address of this host, and the directed broadcast address beside it.
  package struct Address: Hashable, Sendable {
    package let address: IPAddress
    package let broadcast: IPAddress?
  }

  /// The addresses of all devices of this network namespace.
  package static var addresses: [Address] {
    var list: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&list) == 0 else { return [] }
    defer { freeifaddrs(list) }
    var found: [Address] = []
    var entry = list
    while let current = entry {
      let flags = Int32(truncatingIfNeeded: current.pointee.ifa_flags)
      if let address = current.pointee.ifa_addr.flatMap({ IPAddress($0) }) {
        let isBroadcast = flags & Int32(IFF_BROADCAST) != 0 && address.family == .v4
        // The kernel has a broadcast route for the network whether the address was set with one or not.
        let mask = current.pointee.ifa_netmask.flatMap { IPAddress($0) }
        found.append(Address(address: address, broadcast: isBroadcast ? mask.flatMap { address.broadcast($0) } : nil))
      }
      entry = current.pointee.ifa_next
    }
    return found
  }

  /// Whether a queue of any device's egress holds a packet now; true where that cannot be told.
  package static var haveBacklog: Bool {
    qdiscs?.contains { $0.is_ingress == 0 && $0.queued > 0 } ?? true
  }

  /// A queueing discipline.
  package struct Discipline: Hashable, Sendable {
    /// The name of its device.
    package let device: String
    /// As `netem`.
    package let kind: String
    /// Number and class as tc(8) has them, major number in the upper 16 bits.
    package let handle: UInt32
    package let parent: UInt32
    /// Whether it is for packets that arrive.
    package let isIngress: Bool
    /// Packets that it has dropped.
    package let drops: UInt32

    /// Whether it is its device's outermost.
    package var isRoot: Bool { parent == UInt32.max }
  }

  /// Every queueing discipline of this network namespace that holds packets; nil where the kernel does not say.
  package static var disciplines: [Discipline]? {
    qdiscs?.compactMap { qdisc in
      let kind = kind(of: qdisc)
      guard kind != "noqueue", let device = name(of: qdisc.interface_index) else { return nil }
      return Discipline(
        device: device, kind: kind, handle: qdisc.handle, parent: qdisc.parent, isIngress: qdisc.is_ingress != 0,
        drops: qdisc.drops)
    }
  }

  /// The name of the device of this index; nil for none.
  private static func name(of index: UInt32) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(IF_NAMESIZE)) { buffer in
      buffer.baseAddress.flatMap { if_indextoname(index, $0) }.map { String(cString: $0) }
    }
  }

  /// Every queueing discipline of this network namespace; nil where the kernel does not say.
  private static var qdiscs: ArraySlice<csyn_qdisc>? {
    var list = [csyn_qdisc](repeating: csyn_qdisc(), count: 4096)
    let count = csyn_qdisc_list(&list, list.count)
    return count >= 0 ? list.prefix(Int(count)) : nil
  }

  private static func kind(of qdisc: csyn_qdisc) -> String {
    withUnsafeBytes(of: qdisc.kind) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  private static var queueingDisciplines: [UInt32: [String]] {
    var found: [UInt32: [String]] = [:]
    for qdisc in qdiscs ?? [] {
      let kind = kind(of: qdisc)
      found[qdisc.interface_index, default: []].append(qdisc.is_ingress != 0 ? "\(kind) (ingress)" : kind)
    }
    return found
  }
}

extension IPAddress {
  /// The directed broadcast address of the network that the mask describes; nil where it has no room for one.
  fileprivate func broadcast(_ mask: IPAddress) -> IPAddress? {
    let mask = UInt32(truncatingIfNeeded: mask.bits)
    return ~mask > 1 ? IPAddress(v4: UInt32(truncatingIfNeeded: bits) | ~mask) : nil
  }
}
