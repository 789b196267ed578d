internal import CSyn
internal import SynCore
internal import SynSystem
internal import SynWire

extension FileDescriptor {
  /// A raw TCP socket that sends as the options say, and lets in only what comes to `ports`.
  /// - Throws: `SystemError` with `isMissingCapability` where CAP_NET_RAW is missing.
  static func raw(
    _ family: IPAddress.Family, ports: ClosedRange<UInt16>, _ options: ProberConfiguration
  ) throws(SystemError) -> FileDescriptor {
    let number = family.number
    let call = "socket(AF_INET\(family == .v4 ? "" : "6"), SOCK_RAW, IPPROTO_TCP)"
    let opened = FileDescriptor(try check(csyn_raw_open(number), .openRawSocket, call))
    let fd = opened.rawValue
    _ = try check(csyn_raw_accept_ports(fd, number, ports.lowerBound, ports.upperBound), .setOption, "SO_ATTACH_FILTER")
    if let hops = options.hopLimit { _ = try check(csyn_raw_set_hops(fd, number, Int32(hops)), .setOption, "IP_TTL") }
    if let octet = options.trafficClass {
      _ = try check(csyn_raw_set_traffic_class(fd, number, Int32(octet)), .setOption, "IP_TOS")
    }
    if options.mark != 0 { _ = try check(csyn_raw_set_mark(fd, options.mark), .setOption, "SO_MARK") }
    if let name = options.interface {
      _ = try check(csyn_raw_set_device(fd, name), .setOption, "SO_BINDTODEVICE \(name)")
    }
    return opened
  }
}
