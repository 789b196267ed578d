internal import Glibc

/// A file that is written once, as a whole; it is opened early, so that what cannot be written is known before the work.
package struct OutputFile: ~Copyable {
  private let descriptor: FileDescriptor

  /// Opens it empty, or makes it: what an earlier run wrote is not to be taken for what this one saw.
  /// - Throws: `TextFile.Failure` with the system's words.
  package init(_ path: String) throws(TextFile.Failure) {
    let opened = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard opened >= 0 else { throw .system }
    descriptor = FileDescriptor(opened)
  }

  /// Writes a file whole, by way of one beside it, or leaves what was there.
  /// - Throws: `TextFile.Failure` with the system's words.
  package static func replace(_ path: String, with octets: [UInt8]) throws(TextFile.Failure) {
    let draft = path + ".new"
    let file = try OutputFile(draft)
    do throws(TextFile.Failure) {
      try file.write(octets)
      guard rename(draft, path) == 0 else { throw .system }
    } catch {
      unlink(draft)
      throw error
    }
  }

  /// Writes all of it.
  /// - Throws: `TextFile.Failure` with the system's words.
  package func write(_ octets: [UInt8]) throws(TextFile.Failure) {
    var left = octets[...]
    while !left.isEmpty {
      let written = left.withUnsafeBytes { Glibc.write(descriptor.rawValue, $0.baseAddress, $0.count) }
      guard written >= 0 || errno == EINTR else { throw .system }
      left = left.dropFirst(max(written, 0))
    }
  }
}
