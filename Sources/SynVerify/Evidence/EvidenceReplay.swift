package import SynCore
internal import SynProbe
package import SynWire

/// A verification that can be judged again, from the file that was written of it.
package struct EvidenceReplay: Sendable {
  /// Why a file cannot be judged.
  package enum Failure: Error, Sendable, CustomStringConvertible {
    /// It is no capture file, or a damaged one.
    case file(PcapngReader.Failure)
    /// A capture file of something else.
    case otherContents
    /// A later form of it.
    case otherForm(String)
    /// It has no end.
    case noEnd
    /// It was changed since it was written.
    case changed
    /// A record says what no verification is told.
    case badRecord(at: Int, version: String)

    /// What is wrong, and what is right.
    package var description: String {
      switch self {
      case .file(let failure): "\(failure)"
      case .otherContents: "it is a capture, but not of a verification: give a file that verify --evidence wrote"
      case .otherForm(let form): "its form is '\(form.escaped)', and \(EvidenceField.format) is read here"
      case .noEnd: "it is cut off: its last record, which has the verdict, is missing"
      case .changed: "it is damaged: what is in it is not what was written, as its digest says"
      case .badRecord(let offset, let version):
        "the record at byte \(offset) cannot be judged here: it was written by synprobe \(version.escaped)"
      }
    }
  }

  /// The version of the program that wrote it.
  package let version: String
  /// The verdict in one sentence, as it was judged then.
  package let verdict: String
  private let start: EvidenceStart
  private let entries: [EvidenceEntry]

  /// Reads a whole file.
  package init(_ octets: [UInt8]) throws(Failure) {
    var records: [PcapngReader.Record] = []
    do throws(PcapngReader.Failure) {
      var reader = try PcapngReader(octets)
      while let record = try reader.next() { records.append(record) }
    } catch { throw .file(error) }
    guard let head = records.first, let form = head.fields[EvidenceField.formatName] else { throw .otherContents }
    guard form == EvidenceField.format else { throw .otherForm(form) }
    let version = head.fields[EvidenceField.version] ?? "of no version"
    guard records.count > 2, let last = records.last, last.fields[EvidenceField.digest] != nil,
      let verdict = records[records.count - 2].fields[EvidenceField.verdict]
    else { throw .noEnd }
    guard Array(octets[last.offset...]) == EvidenceDigest.record(of: octets[..<last.offset]) else { throw .changed }
    guard let start = head.fields[EvidenceField.start].flatMap({ EvidenceJSON.value($0, as: EvidenceStart.self) }),
      start.plan.isPlausible
    else { throw .badRecord(at: head.offset, version: version) }
    var entries: [EvidenceEntry] = []
    var over: Set<Int> = []
    for record in records[1..<records.count - 2] {
      let text = record.fields[EvidenceField.event]
      guard let entry = text.flatMap({ EvidenceJSON.value($0, as: EvidenceEntry.self) }),
        entry.event.isPlausible(since: start), start.isNear(entry.at), !over.contains(entry.side)
      else { throw .badRecord(at: record.offset, version: version) }
      if case .ended = entry.event { over.insert(entry.side) }
      entries.append(entry)
    }
    self.version = version
    self.verdict = verdict
    self.start = start
    self.entries = entries
  }

  /// The verification before its first event.
  package var verification: Verification {
    Verification(start.plan, mode: start.mode, startedAt: start.startedAt, began: start.began, boot: start.boot ?? "")
  }

  /// What it was told, in its order.
  package var events: [(event: ProbeEvent, side: VerifyPlan.Side, at: MonotonicInstant)] {
    entries.map { ($0.event, $0.side == 0 ? .target : .control, $0.at) }
  }
}
