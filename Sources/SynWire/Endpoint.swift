/// An address and a TCP port.
public struct Endpoint: Hashable, Sendable, Codable {
  /// The host.
  public let address: IPAddress
  /// The TCP port in host byte order.
  public let port: UInt16

  /// Joins an address and a port.
  public init(address: IPAddress, port: UInt16) {
    self.address = address
    self.port = port
  }

  /// The same endpoint as it stands in headers, which carry no zone.
  public var unzoned: Endpoint { Endpoint(address: address.unzoned, port: port) }
}

extension Endpoint: CustomStringConvertible {
  /// `192.0.2.1:80` or `[2001:db8::1]:80`.
  public var description: String {
    address.family == .v4 ? "\(address):\(port)" : "[\(address)]:\(port)"
  }
}
