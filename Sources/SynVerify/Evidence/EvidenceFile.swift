internal import FoundationEssentials
internal import SynCore
internal import SynProbe
internal import SynVerdict
internal import SynWire

extension EvidenceLog {
  /// The capture file of a verification that is over: its packets, and between them what it was told.
  /// - Parameters:
  ///   - verification: The one whose events were kept.
  ///   - report: What it says at last.
  ///   - version: Of the program, as `1.0.0`.
  /// - Returns: What the file holds.
  package func file(of verification: Verification, _ report: VerifyReport, version: String) -> [UInt8] {
    var writer = PcapngWriter(
      comment: EvidenceText.section(start, report), application: "synprobe \(version)")
    let words = EvidenceText(verification)
    let interfaces = EvidenceInterfaces(packets.map(\.packet), &writer)
    write(
      [
        (EvidenceField.formatName, EvidenceField.format), (EvidenceField.version, version),
        (EvidenceField.start, EvidenceJSON.text(start)),
      ], "verification begins", at: start.startedAt.nanoseconds, &writer)
    var waiting = packets.sorted { $0.packet.time.nanoseconds < $1.packet.time.nanoseconds }[...]
    func writePackets(until time: Int64) {
      while let next = waiting.first, next.packet.time.nanoseconds <= time {
        waiting.removeFirst()
        let (side, packet) = (next.side, next.packet)
        writer.packet(
          packet.headers, on: interfaces.number(of: packet), at: packet.time.nanoseconds,
          comment: words.comment(packet, side))
      }
    }
    for entry in entries {
      let time = start.realtime(entry.at)
      writePackets(until: time)
      write([(EvidenceField.event, EvidenceJSON.text(entry))], words.message(entry), at: time, &writer)
    }
    writePackets(until: .max)
    write([(EvidenceField.verdict, report.reason)], report.reason, at: start.realtime(verification.latest), &writer)
    return writer.octets + EvidenceDigest.record(of: writer.octets[...])
  }

  private func write(
    _ fields: [(String, String)], _ message: String, at time: Int64, _ writer: inout PcapngWriter
  ) {
    let head = [(EvidenceField.message, message), (EvidenceField.identifier, "synprobe")]
    writer.record(at: time, (head + fields).map { (name: $0.0, value: $0.1.oneLine) })
  }
}

/// The two sides at which packets are seen, and the devices between them.
private struct EvidenceInterfaces {
  private var numbers: [Key: UInt32] = [:]

  private struct Key: Hashable {
    let device: String?
    let isV4: Bool

    init(_ packet: SeenPacket) {
      device = packet.device
      isV4 = packet.headers.octets.first.map { $0 >> 4 == 4 } ?? true
    }
  }

  /// Describes each, in the order in which they were met.
  init(_ packets: [SeenPacket], _ writer: inout PcapngWriter) {
    for packet in packets {
      let key = Key(packet)
      guard numbers[key] == nil else { continue }
      let description =
        key.device == nil
        ? "this host's own side: SYNs that enter a queue, answers that are delivered"
        : "the device: SYNs that leave, answers that arrive"
      numbers[key] = writer.interface(
        name: key.device ?? "stack", description: description, key.isV4 ? .v4 : .v6)
    }
  }

  func number(of packet: SeenPacket) -> UInt32 { numbers[Key(packet)] ?? 0 }
}

extension String {
  /// Without line breaks, which would end a field.
  fileprivate var oneLine: String { String(decoding: utf8.map { $0 == 0x0a ? 0x20 : $0 }, as: UTF8.self) }
}

/// The values of a file as JSON.
enum EvidenceJSON {
  /// The text on one line; what is encoded here has only numbers that JSON can hold.
  static func text(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  /// The value of a text; nil where it is none.
  static func value<Value: Decodable>(_ text: String, as type: Value.Type) -> Value? {
    guard JSONTree.isShallow(text) else { return nil }
    return try? JSONDecoder().decode(type, from: Data(text.utf8))
  }
}

/// Tells a damaged file from a whole one; it is no proof of who wrote it.
enum EvidenceDigest {
  /// The record behind all others, which has it.
  static func record(of octets: ArraySlice<UInt8>) -> [UInt8] {
    PcapngWriter.record(at: 0, [(EvidenceField.digest, text(octets))])
  }

  /// 16 hexadecimal digits of SipHash without a key.
  static func text(_ octets: some RandomAccessCollection<UInt8>) -> String {
    var words: [UInt64] = []
    words.reserveCapacity(octets.count / 8 + 2)
    var (word, count) = (UInt64(0), 0)
    for octet in octets {
      word |= UInt64(octet) << UInt64(8 * (count & 7))
      count += 1
      if count & 7 == 0 {
        words.append(word)
        word = 0
      }
    }
    words += [word, UInt64(count)]
    let hex = String(SipHash(key: (0, 0)).hash(words.span), radix: 16)
    return String(repeating: "0", count: 16 - hex.count) + hex
  }
}
