internal import CPcap
internal import SynCore
package import SynSystem
package import SynWire

/// What probing needs, tried for real.
package enum RawAccess {
  /// Opens a raw socket with its filter and stamps, and closes it again.
  package static func rawSocket(_ family: IPAddress.Family) throws(SystemError) {
    let former = Privilege.raise()
    defer { Privilege.restore(former) }
    _ = try RawSocket(family, ports: 61_000...61_000, options: ProberConfiguration())
  }

  /// Opens a packet socket with a ring, and closes it again.
  package static func packetSocket() throws(SystemError) {
    let former = Privilege.raise()
    defer { Privilege.restore(former) }
    try PacketCapture.check()
  }

  /// Arms a capture on a device, and closes it again.
  package static func capture(on device: String) throws(SystemError) {
    _ = try PacketCapture(device: device, filter: CaptureFilter(ports: 61_000...61_000))
  }

  /// libpcap's own words on its version.
  package static var libpcapVersion: String { String(cString: pcap_lib_version()) }
}
