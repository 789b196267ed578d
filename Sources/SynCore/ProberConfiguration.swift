public import SynWire

/// How a prober sends; each choice left out is the kernel's.
public struct ProberConfiguration: Sendable, Hashable {
  /// How to probe; nil for `syn` where that is permitted, else `connect`.
  public var mode: ProbeMode?
  /// Time to live, or hop limit, 1 to 255.
  public var hopLimit: UInt8?
  /// The TOS octet, or traffic class: differentiated services code point (six bits) and ECN (two).
  public var trafficClass: UInt8?
  /// Firewall mark for policy routing; 0 for none.
  public var mark: UInt32 = 0
  /// Name of the device that packets must leave by.
  public var interface: String?
  /// Source address, for targets of its family.
  public var source: IPAddress?
  /// Which source ports.
  public var sourcePorts = SourcePorts.rotating
  /// Of the pool these first, as far as they are to be had: a baseline was measured from them.
  public var preferredPorts: [UInt16] = []
  /// TCP options of the SYN, in mode `syn`.
  public var options = SynOptions.client
  /// Receive window of the SYN, in mode `syn`.
  public var window = ProberConfiguration.clientWindow

  /// Whether the kernel is asked why it drops what belongs to a probe, in mode `syn`: see `ProbeResult.drop`.
  public var tellsWhy = false

  /// Whether the headers of each probe's packets are handed out, in mode `syn`: see `ProbeEvent.packet`.
  public var keepsPackets = false

  /// Whether the process ends with the prober: then the kernel closes its captures behind it.
  package var endsWithProcess = false

  /// What a Linux client announces over Ethernet.
  package static let clientWindow: UInt16 = 64_240

  /// The kernel's choices throughout.
  public init() {}

  /// Differentiated services code point, 0 to 63; setting it clears the ECN bits of `trafficClass`.
  public var codePoint: UInt8? {
    get { trafficClass.map { $0 >> 2 } }
    set { trafficClass = newValue.map { $0 << 2 } }
  }

  /// The one source port to use, which keeps one path through load balancers; setting nil rotates over a reserved pool.
  public var sourcePort: UInt16? {
    get { sourcePorts.fixedPort }
    set { sourcePorts = newValue.map(SourcePorts.fixed) ?? .rotating }
  }
}
