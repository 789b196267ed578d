internal import FoundationEssentials
internal import Glibc
internal import SynCore
internal import SynProbe
internal import SynSystem

/// How far a sweep has come, in a file that outlives the process: what was settled is not asked again.
struct SweepRecord: Codable, Equatable {
  static let schema = "synprobe.sweep-state/1"

  var schema = SweepRecord.schema
  /// Of what the sweep was made: another sweep is not gone on with.
  let sweep: String
  /// The seed of a random order.
  let seed: UInt64
  /// Targets whose answers have come, or will not.
  var settled: UInt64
  /// What the targets are, up to the first that is not settled.
  var digest: UInt64
  /// Whether one of those that are settled was open.
  var hasOpen: Bool

  private static let largest = 65_536

  /// Reads the file; nil where there is none, or it is empty, as mktemp(1) makes one.
  /// - Throws: `CommandFailure` with status 64 for what is no such file.
  static func read(_ path: String) throws(CommandFailure) -> SweepRecord? {
    guard access(path, F_OK) == 0 else { return nil }
    // A device would be replaced by the state, and be gone at the end.
    guard LineReader.isRegular(path) else {
      throw CommandFailure(.usage, "\(path.escaped) is no regular file: the state of a sweep cannot be kept there")
    }
    let octets: [UInt8]
    do throws(TextFile.Failure) { octets = try TextFile.octets(path, atMost: largest) } catch {
      throw CommandFailure(.usage, "\(path.escaped): \(error)")
    }
    guard !octets.isEmpty else { return nil }
    guard let record = try? JSONDecoder().decode(SweepRecord.self, from: Data(octets)), record.schema == schema else {
      throw CommandFailure(.usage, "\(path.escaped) is not the state of a sweep (\(schema))")
    }
    return record
  }

  /// Writes the file, whole or not at all.
  /// - Throws: `CommandFailure` with status 74.
  func write(_ path: String) throws(CommandFailure) {
    var json = JSONWriter()
    json.object { json in
      json.member("schema", schema)
      json.member("sweep", sweep)
      json.member("seed", seed)
      json.member("settled", settled)
      json.member("digest", digest)
      json.member("hasOpen", hasOpen)
    }
    do throws(TextFile.Failure) { try OutputFile.replace(path, with: json.bytes + [UInt8(ascii: "\n")]) } catch {
      throw CommandFailure(.outputFailed, "cannot keep the state in \(path.escaped): \(error)")
    }
  }

  /// All is done: there is nothing to go on with.
  static func remove(_ path: String) { unlink(path) }
}
