package import CSyn
package import SynWire

extension csyn_address {
  /// The shim's form of an address.
  package init(_ address: IPAddress) {
    self.init()
    family = address.family == .v4 ? 4 : 6
    scope = address.zone
    withUnsafeMutableBytes(of: &bytes) { $0.copyBytes(from: address.octets) }
  }
}

extension IPAddress {
  /// Nil when the shim found no address.
  package init?(_ address: csyn_address) {
    let count = address.family == 4 ? 4 : address.family == 6 ? 16 : 0
    let octets = withUnsafeBytes(of: address.bytes) { Array($0.prefix(count)) }
    self.init(octets: octets)
  }
}

extension IPAddress.Family {
  /// The shim's number of the family.
  package var number: Int32 { self == .v4 ? 4 : 6 }
}
