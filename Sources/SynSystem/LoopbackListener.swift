internal import CSyn
package import SynWire

/// A TCP port of this host's loopback address that answers a SYN with a SYN-ACK.
package struct LoopbackListener: ~Copyable {
  private let descriptor: FileDescriptor
  /// Where it listens.
  package let endpoint: Endpoint

  /// Listens on a port that the kernel chooses.
  package init(_ family: IPAddress.Family) throws(SystemError) {
    var port: UInt16 = 0
    descriptor = FileDescriptor(try check(csyn_loopback_listen(family.number, &port), .listen, "loopback"))
    let address = family == .v4 ? IPAddress(v4: 0x7f00_0001) : IPAddress(v6: 1)
    endpoint = Endpoint(address: address, port: port)
  }
}
