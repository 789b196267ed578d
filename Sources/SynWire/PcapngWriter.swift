/// Writes a capture file of the form pcapng (draft-ietf-opsawg-pcapng), one section of it, little-endian.
public struct PcapngWriter: Sendable {
  /// The file so far.
  public private(set) var octets: [UInt8] = []
  private var interfaces: UInt32 = 0

  /// Begins with the section's header.
  /// - Parameters:
  ///   - comment: What is to be known of the whole file.
  ///   - application: Name and version of the program that writes it.
  public init(comment: String, application: String) {
    write(.section) { block in
      block.append(Pcapng.byteOrder)
      block.append(UInt32(Pcapng.version))
      block.append(UInt64.max)  // The section's length: not said.
      block.append(.comment, comment)
      block.append(.application, application)
      block.endOptions()
    }
  }

  /// Describes an interface whose packets begin with their IP header, of one family, and have stamps in nanoseconds.
  ///
  /// libpcap reads no file of which two interfaces frame differently.
  /// - Returns: Its number.
  public mutating func interface(name: String, description: String, _ family: IPAddress.Family) -> UInt32 {
    write(.interface) { block in
      block.append(UInt32(family == .v4 ? Pcapng.ipv4 : Pcapng.ipv6))
      block.append(UInt32(0))  // No limit of what was captured of a packet.
      block.append(.name, name)
      block.append(.description, description)
      block.append(.resolution, [9])
      block.endOptions()
    }
    interfaces += 1
    return interfaces - 1
  }

  /// Adds a packet of one of the interfaces; `time` is nanoseconds since 1970.
  public mutating func packet(_ headers: PacketHeaders, on interface: UInt32, at time: Int64, comment: String) {
    let stamp = UInt64(bitPattern: time)
    write(.packet) { block in
      block.append(interface)
      block.append(UInt32(truncatingIfNeeded: stamp >> 32))
      block.append(UInt32(truncatingIfNeeded: stamp))
      block.append(UInt32(headers.octets.count))
      block.append(UInt32(clamping: headers.length))
      block.appendPadded(headers.octets)
      block.append(.comment, comment)
      block.endOptions()
    }
  }

  /// Adds a record in the form of systemd's journal, of which Wireshark shows the field MESSAGE.
  /// - Parameters:
  ///   - time: Nanoseconds since 1970.
  ///   - fields: Names in capitals, and values without line breaks.
  public mutating func record(at time: Int64, _ fields: [(name: String, value: String)]) {
    octets += PcapngWriter.record(at: time, fields)
  }

  /// The octets of such a record.
  public static func record(at time: Int64, _ fields: [(name: String, value: String)]) -> [UInt8] {
    let lines = [("__REALTIME_TIMESTAMP", "\(time / 1000)")] + fields
    let text = lines.map { "\($0.0)=\($0.1)\n" }.joined()
    return block(.record) { $0.appendPadded(Array(text.utf8)) }
  }

  private mutating func write(_ kind: Pcapng.BlockKind, _ body: (inout PcapngBody) -> Void) {
    octets += PcapngWriter.block(kind, body)
  }

  private static func block(_ kind: Pcapng.BlockKind, _ body: (inout PcapngBody) -> Void) -> [UInt8] {
    var block = PcapngBody()
    body(&block)
    let length = UInt32(block.octets.count + 12)
    var whole = PcapngBody()
    whole.append(kind.rawValue)
    whole.append(length)
    whole.octets += block.octets
    whole.append(length)
    return whole.octets
  }
}

/// The numbers of the form.
enum Pcapng {
  /// The blocks that are written.
  enum BlockKind: UInt32 {
    case section = 0x0a0d_0d0a
    case interface = 1
    case packet = 6
    case record = 9
  }

  /// Their options.
  enum Option: UInt16 {
    case comment = 1
    case name = 2
    case description = 3
    case application = 4
    case resolution = 9
  }

  static let byteOrder: UInt32 = 0x1a2b_3c4d
  /// 1.0.
  static let version: UInt32 = 1
  /// LINKTYPE_IPV4 and LINKTYPE_IPV6.
  static let (ipv4, ipv6): (UInt16, UInt16) = (228, 229)
}

/// The body of one block.
private struct PcapngBody {
  var octets: [UInt8] = []

  mutating func append<Number: FixedWidthInteger>(_ number: Number) {
    octets += (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> Number($0 * 8)) }
  }

  mutating func appendPadded(_ bytes: [UInt8]) {
    octets += bytes
    octets += [UInt8](repeating: 0, count: -bytes.count & 3)
  }

  mutating func append(_ option: Pcapng.Option, _ value: [UInt8]) {
    append(option.rawValue)
    append(UInt16(value.count))
    appendPadded(value)
  }

  /// An option has room for so many bytes; what is more is cut, at a whole character.
  mutating func append(_ option: Pcapng.Option, _ text: String) {
    var kept = text[...]
    while kept.utf8.count > Int(UInt16.max) { kept = kept.dropLast(max((kept.utf8.count - 65_535) / 4, 1)) }
    append(option, Array(kept.utf8))
  }

  mutating func endOptions() { append(UInt32(0)) }
}
