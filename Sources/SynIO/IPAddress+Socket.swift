internal import Glibc
internal import SynWire

extension IPAddress {
  /// Nil for an address that is neither IPv4 nor IPv6.
  init?(_ address: UnsafeMutablePointer<sockaddr>) {
    switch Int32(address.pointee.sa_family) {
    case AF_INET:
      let v4 = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { $0.pointee.sin_addr }
      self.init(v4: UInt32(bigEndian: v4.s_addr))
    case AF_INET6:
      let v6 = address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { $0.pointee }
      let octets = withUnsafeBytes(of: v6.sin6_addr) { Array($0) }
      self.init(octets: octets, zone: v6.sin6_scope_id)
    default: return nil
    }
  }
}
