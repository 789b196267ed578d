/// An entry of the label stack with which a router received the packet that its ICMP error is about (RFC 4950).
public struct MPLSLabel: Hashable, Sendable {
  /// 20 bits.
  public let label: UInt32
  /// The traffic class, 3 bits (RFC 5462).
  public let trafficClass: UInt8
  /// Whether it is the last of the stack.
  public let isBottom: Bool
  /// The time to live.
  public let timeToLive: UInt8

  /// Takes an entry of 32 bits apart (RFC 3032).
  public init(entry: UInt32) {
    label = entry >> 12
    trafficClass = UInt8(truncatingIfNeeded: entry >> 9 & 7)
    isBottom = entry >> 8 & 1 == 1
    timeToLive = UInt8(truncatingIfNeeded: entry)
  }

  /// So deep a stack is read at most.
  public static let most = 16

  /// The label stack that the ICMP error behind a header carries; empty where it carries none that is well formed.
  static func stack(_ bytes: RawSpan, in header: IPHeader) -> [MPLSLabel] {
    Extensions(bytes, in: header).map { $0.labels(bytes) } ?? []
  }

  /// The objects behind the quoted packet (RFC 4884 section 7).
  private struct Extensions {
    let objects: Range<Int>

    private static let version: UInt8 = 2
    /// Where they begin in messages of routers that do not say where (RFC 4884 section 5.5).
    private static let usualQuote = 128

    init?(_ bytes: RawSpan, in header: IPHeader) {
      let start = header.payload.lowerBound
      let length =
        header.source.family == .v4
        ? bytes.octet(at: start + 5).map { Int($0) * 4 } : bytes.octet(at: start + 4).map { Int($0) * 8 }
      guard let length else { return nil }
      let place = start + 8 + (length == 0 ? Extensions.usualQuote : length)
      let end = min(header.payload.upperBound, bytes.byteCount)
      guard place + 4 <= end, bytes.octet(at: place).map({ $0 >> 4 }) == Extensions.version else { return nil }
      let isWhole = header.payload.upperBound <= bytes.byteCount
      let isSummed = isWhole && bytes.uint16(at: place + 2) != 0
      // Without the length only a right sum tells an extension from a longer quote.
      guard isSummed ? Checksum.sum(bytes, in: place..<end) == 0xffff : length > 0 else { return nil }
      objects = place + 4..<end
    }

    func labels(_ bytes: RawSpan) -> [MPLSLabel] {
      var offset = objects.lowerBound
      while let length = bytes.uint16(at: offset).map(Int.init), length >= 4, offset + length <= objects.upperBound {
        if bytes.uint16(at: offset + 2) == 0x0101 {
          return stride(from: offset + 4, to: offset + length - 3, by: 4).prefix(MPLSLabel.most).compactMap { place in
            bytes.uint32(at: place).map(MPLSLabel.init(entry:))
          }
        }
        offset += length
      }
      return []
    }
  }
}
