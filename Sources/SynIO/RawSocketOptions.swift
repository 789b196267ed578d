package import SynWire

/// How every SYN of a prober leaves; each absent choice is the kernel's.
package struct RawSocketOptions: Sendable, Equatable {
  /// Time to live, or hop limit, 1 to 255.
  package var hopLimit: UInt8?
  /// Differentiated services code point, 0 to 63.
  package var codePoint: UInt8?
  /// Firewall mark (SO_MARK), for policy routing; 0 for none.
  package var mark: UInt32 = 0
  /// Device that packets must leave by.
  package var interface: String?
  /// Source address, for targets of its family.
  package var source: IPAddress?
  /// The one source port to use; nil for a rotation.
  package var sourcePort: UInt16?
  /// Send no TCP option but MSS.
  package var sendsOnlyMSS = false

  /// The kernel's choices.
  package init() {}
}
