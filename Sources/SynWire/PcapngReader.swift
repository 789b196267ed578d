/// Reads the records of a capture file that `PcapngWriter` wrote; whatever else it holds is stepped over.
public struct PcapngReader: ~Copyable {
  /// Why a file cannot be read.
  public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
    /// It does not begin as pcapng does.
    case otherForm
    /// It is pcapng of the other byte order, which is never written here.
    case otherByteOrder
    /// A block ends behind the file's end.
    case cutOff(at: Int)
    /// A block's two lengths differ, or are none.
    case badLength(at: Int)

    /// What is wrong, without a full stop.
    public var description: String {
      switch self {
      case .otherForm: "it is no capture file of the form pcapng"
      case .otherByteOrder: "it is of another byte order than is written here"
      case .cutOff(let offset): "it is cut off in the block at byte \(offset)"
      case .badLength(let offset): "it is damaged: the block at byte \(offset) has an impossible length"
      }
    }
  }

  /// One record.
  public struct Record: Sendable {
    /// Where its block begins in the file.
    public let offset: Int
    /// Its fields by their names; of several of one name the last.
    public let fields: [String: String]
  }

  private let octets: [UInt8]
  private var offset = 0

  /// Takes a whole file.
  /// - Throws: `Failure` where it does not begin with a section.
  public init(_ octets: [UInt8]) throws(Failure) {
    self.octets = octets
    guard number(at: 0) == Pcapng.BlockKind.section.rawValue else { throw .otherForm }
    guard let order = number(at: 8) else { throw .cutOff(at: 0) }
    guard order == Pcapng.byteOrder else { throw order == Pcapng.byteOrder.byteSwapped ? .otherByteOrder : .otherForm }
  }

  /// The next record; nil at the end.
  public mutating func next() throws(Failure) -> Record? {
    while offset < octets.count {
      let start = offset
      guard let kind = number(at: start), let length = number(at: start + 4).map(Int.init) else {
        throw .cutOff(at: start)
      }
      guard length >= 12, length % 4 == 0 else { throw .badLength(at: start) }
      guard start + length <= octets.count else { throw .cutOff(at: start) }
      guard number(at: start + length - 4).map(Int.init) == length else { throw .badLength(at: start) }
      offset = start + length
      if kind == Pcapng.BlockKind.record.rawValue {
        return Record(offset: start, fields: PcapngReader.fields(octets[start + 8..<start + length - 4]))
      }
    }
    return nil
  }

  private func number(at place: Int) -> UInt32? {
    guard place + 4 <= octets.count else { return nil }
    return (0..<4).reduce(0) { $0 | UInt32(octets[place + $1]) << UInt32(8 * $1) }
  }

  private static func fields(_ body: ArraySlice<UInt8>) -> [String: String] {
    var fields: [String: String] = [:]
    for line in body.split(separator: 0x0a) {
      guard let sign = line.firstIndex(of: 0x3d) else { continue }
      fields[String(decoding: line[..<sign], as: UTF8.self)] = String(
        decoding: line[line.index(after: sign)...], as: UTF8.self)
    }
    return fields
  }
}
