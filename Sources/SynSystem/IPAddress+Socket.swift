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

  /// Calls `body` with the address as a socket address with port 0.
  func withSocketAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    func call<Address>(_ address: Address) -> Result {
      withUnsafePointer(to: address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<Address>.size)) }
      }
    }
    guard family == .v6 else {
      var v4 = sockaddr_in()
      v4.sin_family = sa_family_t(AF_INET)
      v4.sin_addr.s_addr = UInt32(truncatingIfNeeded: bits).bigEndian
      return call(v4)
    }
    var v6 = sockaddr_in6()
    v6.sin6_family = sa_family_t(AF_INET6)
    v6.sin6_scope_id = zone
    withUnsafeMutableBytes(of: &v6.sin6_addr) { $0.copyBytes(from: octets) }
    return call(v6)
  }
}
