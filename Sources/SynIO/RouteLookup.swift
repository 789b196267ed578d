internal import CSyn
package import SynWire

/// The way to a target: which device, from which address.
package struct Route: Sendable, Hashable {
  /// Name of the device that the packets leave by.
  package let interface: String
  /// Its index, which a new name does not change.
  package let index: UInt32
  /// Source address.
  package let source: IPAddress
  /// Whether the device stamps packets as it sends them.
  package let stampsSent: Bool
  /// Whether the target is an address of this host.
  package let isLocal: Bool
}

/// Asks the kernel for routes (rtnetlink).
package enum RouteLookup {
  /// The route to `target` under the options' device, source address and mark.
  /// - Throws: `SynIOError.system`: ENETUNREACH without a route.
  package static func route(to target: IPAddress, _ options: RawSocketOptions) throws(SynIOError) -> Route {
    var destination = csyn_address(target)
    var found = csyn_route()
    let index = try outputInterface(target, options)
    let result: Int32
    if let source = options.source, source.family == target.family {
      var wanted = csyn_address(source)
      result = csyn_route_lookup(&destination, &wanted, index, options.mark, &found)
    } else {
      result = csyn_route_lookup(&destination, nil, index, options.mark, &found)
    }
    _ = try check(result, .findRoute, "\(target)")
    let name = withUnsafeBytes(of: found.interface_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    guard let source = IPAddress(found.source), source.bits != 0 else {
      throw .system(errno: SynIOError.noSourceAddress, operation: .findRoute, subject: "\(target)")
    }
    return Route(
      interface: name, index: found.interface_index, source: source, stampsSent: csyn_device_stamps_sent(name) == 1,
      isLocal: found.is_local != 0)
  }

  /// Whether this host has the address.
  ///
  /// Link-local ones are each device's own affair and pass.
  package static func isOwn(_ address: IPAddress) -> Bool {
    guard address.isUnicast else { return false }
    if address.isLinkLocalV6 { return true }
    return (try? route(to: address, RawSocketOptions()))?.isLocal ?? false
  }

  /// Whether a device of this name exists.
  package static func exists(interface: String) -> Bool {
    csyn_device_index(interface) > 0
  }

  /// The index of a device, 0 for none of this name.
  package static func index(of interface: String) -> UInt32 {
    UInt32(max(csyn_device_index(interface), 0))
  }

  /// The largest IP packet that a device sends whole, bytes; nil for none of this name.
  package static func mtu(of interface: String) -> Int? {
    let mtu = csyn_device_mtu(interface)
    return mtu < 0 ? nil : Int(mtu)
  }

  private static func outputInterface(
    _ target: IPAddress, _ options: RawSocketOptions
  ) throws(SynIOError) -> UInt32 {
    guard let name = options.interface else { return target.zone }
    return UInt32(try check(csyn_device_index(name), .findRoute, "\(target) by \(name)"))
  }
}
