public import SynCore
internal import SynIO
public import SynWire

/// How a prober sends; each choice left out is the kernel's.
public struct ProberConfiguration: Sendable, Hashable {
  /// How to probe.
  public var mode = Mode.auto
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
  /// TCP options of the SYN, in mode `syn`.
  public var options = SynOptions.client
  /// Receive window of the SYN, in mode `syn`.
  public var window = RawSocketOptions.clientWindow

  /// The ways to probe.
  public enum Mode: String, CaseIterable, Sendable {
    /// `syn` where it is permitted, else `connect`.
    case auto
    /// SYN segments on a raw socket and a capture; needs CAP_NET_RAW.
    case syn
    /// connect(2) and the kernel's own handshake time (TCP_INFO); needs no privilege, and cannot tell where.
    case connect
  }

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

  var socketOptions: RawSocketOptions {
    var options = RawSocketOptions()
    options.hopLimit = hopLimit
    options.trafficClass = trafficClass
    options.mark = mark
    options.interface = interface
    options.source = source
    options.sourcePorts = sourcePorts
    options.options = self.options
    options.window = window
    return options
  }
}
