package import SynCore
package import SynWire

/// How every SYN of a prober leaves; each absent choice is the kernel's.
package struct RawSocketOptions: Sendable, Equatable {
  /// Time to live, or hop limit, 1 to 255.
  package var hopLimit: UInt8?
  /// The TOS octet, or traffic class: differentiated services code point and ECN.
  package var trafficClass: UInt8?
  /// Firewall mark (SO_MARK), for policy routing; 0 for none.
  package var mark: UInt32 = 0
  /// Device that packets must leave by.
  package var interface: String?
  /// Source address, for targets of its family.
  package var source: IPAddress?
  /// Which source ports.
  package var sourcePorts = SourcePorts.rotating
  /// TCP options of the SYN.
  package var options = SynOptions.client
  /// Receive window of the SYN.
  package var window = RawSocketOptions.clientWindow

  /// What a Linux client announces over Ethernet.
  package static let clientWindow: UInt16 = 64_240

  /// The kernel's choices.
  package init() {}
}
