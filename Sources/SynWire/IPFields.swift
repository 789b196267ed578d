/// The fields of an IP header that tell how a packet was made, beside where it came from and where it goes.
public struct IPFields: Hashable, Sendable, Codable {
  /// Length of the whole packet with its header, bytes; 0 where the device was to fill it in (offload).
  public var totalLength: UInt16
  /// IPv4's identification; 0 for IPv6, which has none.
  public var identification: UInt16
  /// Whether any of IPv4's fragment bits is set: of a whole packet that is DF, don't fragment.
  public var hasFragmentBits: Bool
  /// The TOS octet (IPv4) or the traffic class (IPv6): code point and ECN.
  public var trafficClass: UInt8

  /// Joins the fields.
  public init(
    totalLength: UInt16, identification: UInt16 = 0, hasFragmentBits: Bool = false, trafficClass: UInt8 = 0
  ) {
    self.totalLength = totalLength
    self.identification = identification
    self.hasFragmentBits = hasFragmentBits
    self.trafficClass = trafficClass
  }
}
