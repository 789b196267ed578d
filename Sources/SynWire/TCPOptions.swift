/// The TCP options that a SYN or SYN-ACK carries (RFC 9293 section 3.2, RFC 7323, RFC 2018).
public struct TCPOptions: Hashable, Sendable {
  /// The clock values of the timestamps option.
  public struct Timestamps: Hashable, Sendable {
    /// TSval: the sender's clock.
    public let value: UInt32
    /// TSecr: the last value that the sender saw from the other side.
    public let echo: UInt32

    /// Joins the two fields of the option.
    public init(value: UInt32, echo: UInt32) {
      self.value = value
      self.echo = echo
    }
  }

  /// Maximum segment size, bytes.
  public var maximumSegmentSize: UInt16?
  /// Shift count of the window scale.
  public var windowScale: UInt8?
  /// Whether selective acknowledgement is permitted.
  public var permitsSelectiveAcknowledgement = false
  /// The timestamps option.
  public var timestamps: Timestamps?
  /// Whether an option had an impossible length; what stood before it is kept, as a kernel keeps it.
  public var isMalformed = false

  /// No option at all.
  public init() {}

  /// Reads the options in one pass that ends with `range`, whatever their length octets claim.
  static func parse(_ bytes: RawSpan, in range: Range<Int>) -> TCPOptions {
    var options = TCPOptions()
    var offset = range.lowerBound
    while offset < range.upperBound, let kind = bytes.octet(at: offset), kind != Kind.end {
      if kind == Kind.noOperation {
        offset += 1
        continue
      }
      guard let length = bytes.octet(at: offset + 1).map(Int.init), length >= 2, offset + length <= range.upperBound
      else {
        options.isMalformed = true
        break
      }
      options.take(kind, bytes, at: offset + 2, length: length)
      offset += length
    }
    return options
  }

  private enum Kind {
    static let end: UInt8 = 0
    static let noOperation: UInt8 = 1
    static let maximumSegmentSize: UInt8 = 2
    static let windowScale: UInt8 = 3
    static let sackPermitted: UInt8 = 4
    static let timestamps: UInt8 = 8
  }

  private mutating func take(_ kind: UInt8, _ bytes: RawSpan, at offset: Int, length: Int) {
    switch (kind, length) {
    case (Kind.maximumSegmentSize, 4): maximumSegmentSize = bytes.uint16(at: offset)
    case (Kind.windowScale, 3): windowScale = bytes.octet(at: offset)
    case (Kind.sackPermitted, 2): permitsSelectiveAcknowledgement = true
    case (Kind.timestamps, 10):
      guard let value = bytes.uint32(at: offset), let echo = bytes.uint32(at: offset + 4) else { return }
      timestamps = Timestamps(value: value, echo: echo)
    case (Kind.maximumSegmentSize, _), (Kind.windowScale, _), (Kind.sackPermitted, _), (Kind.timestamps, _):
      isMalformed = true
    default: break
    }
  }
}
