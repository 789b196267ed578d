internal import Glibc

/// Reads files whole: small ones, or not at all.
package enum TextFile {
  /// Why a file could not be read.
  package struct Failure: Error, CustomStringConvertible {
    package let description: String

    static var system: Failure { Failure(description: String(cString: strerror(errno))) }
  }

  /// The text of a file of up to `most` bytes.
  /// - Parameters:
  ///   - path: Where it is.
  ///   - most: Bytes; what is longer is refused.
  ///   - waits: Whether a pipe's writer is waited for.
  /// - Returns: What is in it.
  /// - Throws: `Failure` with the system's words.
  package static func read(_ path: String, atMost most: Int, waits: Bool = false) throws(Failure) -> String {
    guard let text = String(validating: try octets(path, atMost: most, waits: waits), as: UTF8.self) else {
      throw Failure(description: "not UTF-8")
    }
    return text
  }

  /// What is in a file of up to `most` bytes; see `read`.
  package static func octets(_ path: String, atMost most: Int, waits: Bool = false) throws(Failure) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | (waits ? 0 : O_NONBLOCK))
    guard descriptor >= 0 else { throw .system }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while bytes.count <= most {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      guard count >= 0 else { throw .system }
      if count == 0 { break }
      bytes += buffer.prefix(count)
    }
    guard bytes.count <= most else { throw Failure(description: "larger than \(most / 1024) KiB") }
    return bytes
  }
}
