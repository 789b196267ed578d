internal import SynIO
public import SynWire

/// How a prober sends; each choice left out is the kernel's.
public struct ProberConfiguration: Sendable, Hashable {
  /// How to probe.
  public var mode = Mode.auto
  /// Time to live, or hop limit, 1 to 255.
  public var hopLimit: UInt8?
  /// Differentiated services code point, 0 to 63.
  public var codePoint: UInt8?
  /// Firewall mark for policy routing; 0 for none.
  public var mark: UInt32 = 0
  /// Name of the device that packets must leave by.
  public var interface: String?
  /// Source address, for targets of its family.
  public var source: IPAddress?
  /// The one source port to use, which keeps one path through load balancers; nil rotates over a reserved pool.
  public var sourcePort: UInt16?
  /// Send no TCP option but MSS.
  public var sendsOnlyMSS = false

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

  var socketOptions: RawSocketOptions {
    var options = RawSocketOptions()
    options.hopLimit = hopLimit
    options.codePoint = codePoint
    options.mark = mark
    options.interface = interface
    options.source = source
    options.sourcePort = sourcePort
    options.sendsOnlyMSS = sendsOnlyMSS
    return options
  }
}
