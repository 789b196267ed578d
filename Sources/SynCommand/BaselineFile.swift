internal import SynCore
internal import SynSystem
internal import SynVerify
internal import SynWire

/// A baseline that a command line names.
enum BaselineFile {
  private static let largest = 64 * 1024 * 1024

  /// Reads the result in it that is of `target`.
  /// - Throws: `CommandFailure` with status 64 for a file that cannot be read, or is no result.
  static func read(_ path: String, for target: Endpoint) throws(CommandFailure) -> SavedBaseline {
    let text = try text(of: path)
    do throws(SavedBaseline.Failure) { return try SavedBaseline(text, for: target) } catch {
      throw CommandFailure(.usage, "\(path.escaped): \(error)")
    }
  }

  /// The whole text of a file of a sensible size.
  static func text(of path: String) throws(CommandFailure) -> String {
    do throws(TextFile.Failure) { return try TextFile.read(path, atMost: largest, waits: true) } catch {
      throw CommandFailure(.usage, "\(path.escaped): \(error)")
    }
  }
}
