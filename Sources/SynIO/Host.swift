internal import CPcap
internal import CSyn
internal import Glibc
package import SynWire

/// What this host has and allows, tried for real.
package enum Host {
  /// Opens a raw socket with its filter and stamps, and closes it again.
  package static func tryRawSocket(_ family: IPAddress.Family) throws(SynIOError) {
    let former = Privilege.raise()
    defer { Privilege.restore(former) }
    _ = try RawSocket(family, ports: 61_000...61_000, options: RawSocketOptions())
  }

  /// Opens a packet socket with a ring, and closes it again.
  package static func tryPacketSocket() throws(SynIOError) {
    let former = Privilege.raise()
    defer { Privilege.restore(former) }
    try PacketCapture.check()
  }

  /// Arms a capture on a device, and closes it again.
  package static func tryCapture(on device: String) throws(SynIOError) {
    _ = try PacketCapture(device: device, filter: CaptureFilter(ports: 61_000...61_000))
  }

  /// libpcap's own words on its version.
  package static var libpcapVersion: String { String(cString: pcap_lib_version()) }

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
  package static var devices: [Device] {
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
  static var hasBacklog: Bool {
    qdiscs?.contains { $0.is_ingress == 0 && $0.queued > 0 } ?? true
  }

  /// Every queueing discipline of this network namespace; nil where the kernel does not say.
  private static var qdiscs: ArraySlice<csyn_qdisc>? {
    var list = [csyn_qdisc](repeating: csyn_qdisc(), count: 4096)
    let count = csyn_qdisc_list(&list, list.count)
    return count >= 0 ? list.prefix(Int(count)) : nil
  }

  private static var queueingDisciplines: [UInt32: [String]] {
    var found: [UInt32: [String]] = [:]
    for qdisc in qdiscs ?? [] {
      let kind = withUnsafeBytes(of: qdisc.kind) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
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
